/* SPDX-License-Identifier: Apache-2.0 */
/* soap_elements: which elements of an envelope are looked at, and what is taken of
 * each. */
#include "sensor/dissect/soap.h"

enum space { ANY, SOAP, WSA, SAML, RIM, QUERY, RS, LCM, XDS, HL7, IHE, NONE };

/* clang-format off */
static const struct { const char *uri; enum space space; } spaces[] = {
	{ "http://schemas.xmlsoap.org/soap/envelope/", SOAP },
	{ "http://www.w3.org/2003/05/soap-envelope", SOAP },
	{ "http://www.w3.org/2005/08/addressing", WSA },
	{ "http://schemas.xmlsoap.org/ws/2004/08/addressing", WSA },
	{ "urn:oasis:names:tc:SAML:2.0:assertion", SAML },
	{ "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0", RIM },
	{ "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0", QUERY },
	{ "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0", RS },
	{ "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0", LCM },
	{ "urn:ihe:iti:xds-b:2007", XDS },
	{ "urn:hl7-org:v3", HL7 },
};

static void open_assertion(struct soap *soap, const struct xml_element *element);
static void open_encrypted(struct soap *soap, const struct xml_element *element);
static void open_fault(struct soap *soap, const struct xml_element *element);
static void open_status(struct soap *soap, const struct xml_element *element);
static void open_error(struct soap *soap, const struct xml_element *element);
static void open_query(struct soap *soap, const struct xml_element *element);
static void open_option(struct soap *soap, const struct xml_element *element);
static void open_slot(struct soap *soap, const struct xml_element *element);
static void open_value(struct soap *soap, const struct xml_element *element);
static void open_identifier(struct soap *soap, const struct xml_element *element);
static void open_object(struct soap *soap, const struct xml_element *element);
static void open_document(struct soap *soap, const struct xml_element *element);
static void open_patient_id(struct soap *soap, const struct xml_element *element);
static void open_sender(struct soap *soap, const struct xml_element *element);
static void open_receiver(struct soap *soap, const struct xml_element *element);
static void open_acknowledgement(struct soap *soap, const struct xml_element *element);
static void open_type_code(struct soap *soap, const struct xml_element *element);
static void open_query_response(struct soap *soap, const struct xml_element *element);
static void open_detail_code(struct soap *soap, const struct xml_element *element);

enum what { NOTHING, TEXT /* which */, ITEM /* which list */, COUNT /* which count */ };

static const struct {
	enum space space;
	const char *name;
	enum soap_context parent; /* SOAP_NOWHERE: any */
	enum what what;
	unsigned which;
	enum soap_context context;
	void (*open)(struct soap *, const struct xml_element *);
} elements[] = {
	{ WSA, "Action",            SOAP_IN_HEADER, TEXT, SOAP_ACTION, SOAP_IN_OTHER, NULL },
	{ WSA, "MessageID",         SOAP_IN_HEADER, TEXT, SOAP_MESSAGE_ID, SOAP_IN_OTHER, NULL },
	{ WSA, "RelatesTo",         SOAP_IN_HEADER, TEXT, SOAP_RELATES_TO, SOAP_IN_OTHER, NULL },
	{ WSA, "ReplyTo",           SOAP_IN_HEADER, NOTHING, 0, SOAP_IN_REPLY_TO, NULL },
	{ WSA, "Address",           SOAP_IN_REPLY_TO, TEXT, SOAP_REPLY_TO, SOAP_IN_OTHER, NULL },
	{ SAML, "Assertion",        SOAP_NOWHERE, NOTHING, 0, SOAP_IN_ASSERTION, open_assertion },
	{ SAML, "EncryptedAssertion", SOAP_NOWHERE, NOTHING, 0, SOAP_IN_OTHER, open_encrypted },
	{ SOAP, "Fault",            SOAP_IN_BODY, NOTHING, 0, SOAP_IN_OTHER, open_fault },
	{ NONE, "faultcode",        SOAP_NOWHERE, TEXT, SOAP_FAULT, SOAP_IN_OTHER, NULL },
	{ SOAP, "Code",             SOAP_NOWHERE, NOTHING, 0, SOAP_IN_FAULT_CODE, NULL },
	{ SOAP, "Value",            SOAP_IN_FAULT_CODE, TEXT, SOAP_FAULT, SOAP_IN_OTHER, NULL },
	{ QUERY, "AdhocQueryResponse", SOAP_NOWHERE, NOTHING, 0, SOAP_IN_OTHER, open_status },
	{ RS, "RegistryResponse",   SOAP_NOWHERE, NOTHING, 0, SOAP_IN_OTHER, open_status },
	{ RS, "RegistryError",      SOAP_NOWHERE, NOTHING, 0, SOAP_IN_OTHER, open_error },
	{ QUERY, "ResponseOption",  SOAP_NOWHERE, NOTHING, 0, SOAP_IN_OTHER, open_option },
	{ RIM, "AdhocQuery",        SOAP_NOWHERE, NOTHING, 0, SOAP_IN_OTHER, open_query },
	{ RIM, "Slot",              SOAP_NOWHERE, NOTHING, 0, SOAP_IN_OTHER, open_slot },
	{ RIM, "Value",             SOAP_NOWHERE, NOTHING, 0, SOAP_IN_OTHER, open_value },
	{ RIM, "ExternalIdentifier", SOAP_NOWHERE, NOTHING, 0, SOAP_IN_OTHER, open_identifier },
	{ RIM, "RegistryObjectList", SOAP_NOWHERE, NOTHING, 0, SOAP_IN_OBJECTS, NULL },
	{ RIM, "ExtrinsicObject",   SOAP_IN_OBJECTS, COUNT, SOAP_OBJECTS, SOAP_IN_OTHER, open_object },
	{ RIM, "ObjectRef",         SOAP_IN_OBJECTS, COUNT, SOAP_OBJECTS, SOAP_IN_OTHER, open_object },
	{ XDS, "DocumentRequest",   SOAP_NOWHERE, COUNT, SOAP_ASKED, SOAP_IN_OTHER, NULL },
	{ XDS, "DocumentResponse",  SOAP_NOWHERE, COUNT, SOAP_RETURNED, SOAP_IN_OTHER, NULL },
	{ XDS, "Document",          SOAP_NOWHERE, NOTHING, 0, SOAP_IN_OTHER, open_document },
	{ XDS, "HomeCommunityId",   SOAP_NOWHERE, ITEM, SOAP_COMMUNITIES, SOAP_IN_OTHER, NULL },
	{ XDS, "RepositoryUniqueId", SOAP_NOWHERE, ITEM, SOAP_REPOSITORIES, SOAP_IN_OTHER, NULL },
	{ XDS, "DocumentUniqueId",  SOAP_NOWHERE, ITEM, SOAP_DOCUMENTS, SOAP_IN_OTHER, NULL },
	{ HL7, "sender",            SOAP_NOWHERE, NOTHING, 0, SOAP_IN_SENDER, NULL },
	{ HL7, "receiver",          SOAP_NOWHERE, NOTHING, 0, SOAP_IN_RECEIVER, NULL },
	{ HL7, "device",            SOAP_IN_SENDER, NOTHING, 0, SOAP_IN_DEVICE_OF_SENDER, NULL },
	{ HL7, "device",            SOAP_IN_RECEIVER, NOTHING, 0, SOAP_IN_DEVICE_OF_RECEIVER, NULL },
	{ HL7, "id",                SOAP_IN_DEVICE_OF_SENDER, NOTHING, 0, SOAP_IN_OTHER, open_sender },
	{ HL7, "id",                SOAP_IN_DEVICE_OF_RECEIVER, NOTHING, 0, SOAP_IN_OTHER, open_receiver },
	{ HL7, "patient",           SOAP_NOWHERE, NOTHING, 0, SOAP_IN_PATIENT, NULL },
	{ HL7, "asOtherIDs",        SOAP_NOWHERE, NOTHING, 0, SOAP_IN_PATIENT, NULL },
	{ HL7, "priorRegisteredRole", SOAP_NOWHERE, NOTHING, 0, SOAP_IN_PATIENT, NULL },
	{ HL7, "id",                SOAP_IN_PATIENT, NOTHING, 0, SOAP_IN_OTHER, open_patient_id },
	{ HL7, "livingSubjectId",   SOAP_NOWHERE, NOTHING, 0, SOAP_IN_PATIENT_PARAMETER, NULL },
	{ HL7, "patientIdentifier", SOAP_NOWHERE, NOTHING, 0, SOAP_IN_PATIENT_PARAMETER, NULL },
	{ HL7, "value",             SOAP_IN_PATIENT_PARAMETER, NOTHING, 0, SOAP_IN_OTHER, open_patient_id },
	{ HL7, "registrationEvent", SOAP_NOWHERE, COUNT, SOAP_FOUND, SOAP_IN_OTHER, NULL },
	{ HL7, "acknowledgement",   SOAP_NOWHERE, NOTHING, 0, SOAP_IN_ACKNOWLEDGEMENT, open_acknowledgement },
	{ HL7, "typeCode",          SOAP_IN_ACKNOWLEDGEMENT, NOTHING, 0, SOAP_IN_OTHER, open_type_code },
	{ HL7, "acknowledgementDetail", SOAP_NOWHERE, NOTHING, 0, SOAP_IN_DETAIL, NULL },
	{ HL7, "code",              SOAP_IN_DETAIL, NOTHING, 0, SOAP_IN_OTHER, open_detail_code },
	{ HL7, "queryResponseCode", SOAP_NOWHERE, NOTHING, 0, SOAP_IN_OTHER, open_query_response },
};

/* Slots that hold what is kept of a query or of a document's entry. */
static const struct { const char *name; enum soap_list list; } slots[] = {
	{ "$XDSDocumentEntryPatientId", SOAP_PATIENTS },
	{ "$XDSSubmissionSetPatientId", SOAP_PATIENTS },
	{ "$XDSFolderPatientId", SOAP_PATIENTS },
	{ "$patientId", SOAP_PATIENTS },
	{ "sourcePatientId", SOAP_PATIENTS },
	{ "$XDSDocumentEntryUniqueId", SOAP_DOCUMENTS },
	{ "$homeCommunityId", SOAP_COMMUNITIES },
	{ "homeCommunityId", SOAP_COMMUNITIES },
	{ "repositoryUniqueId", SOAP_REPOSITORIES },
};

/* ITI TF-3 section 4.3: identification schemes of the ids a document, folder or submission has. */
static const struct { const char *scheme; enum soap_list list; } schemes[] = {
	{ "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427", SOAP_PATIENTS },
	{ "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446", SOAP_PATIENTS },
	{ "urn:uuid:f64ffdf0-4b97-4e06-b79f-a52b38ec2f8a", SOAP_PATIENTS },
	{ "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab", SOAP_DOCUMENTS },
};
/* clang-format on */

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static enum space
space_of(struct text uri)
{
	for (size_t i = 0; i < COUNT_OF(spaces); i++)
		if (text_is(uri, spaces[i].uri))
			return spaces[i].space;
	if (uri.size == 0)
		return NONE;
	return uri.size > 8 && memcmp(uri.at, "urn:ihe:", 8) == 0 ? IHE : ANY;
}

static struct bytes
bytes_of(struct text text)
{
	return bytes_over(text.at, text.size);
}

/* What follows the last 'mark', or all. */
static struct text
behind(struct text text, char mark)
{
	const char *found = text.size ? memrchr(text.at, mark, text.size) : NULL;

	if (found == NULL)
		return text;
	return (struct text){ found + 1,
			      (uint32_t)(text.at + text.size - (found + 1)) };
}

static void
open_assertion(struct soap *soap, const struct xml_element *element)
{
	if (soap->has_assertion)
		return; /* the first is the user's */
	soap->has_assertion = true;
	soap->assertion_depth = element->depth;
	soap_set(soap, SAML_ID, xml_attribute(element, "ID"));
}

static void
open_encrypted(struct soap *soap, const struct xml_element *element)
{
	(void)element;
	soap->is_assertion_encrypted = true;
}

static void
open_fault(struct soap *soap, const struct xml_element *element)
{
	(void)element;
	soap->has_fault = true;
}

static void
open_status(struct soap *soap, const struct xml_element *element)
{
	soap_set(soap, SOAP_STATUS, behind(xml_attribute(element, "status"), ':'));
}

static void
open_error(struct soap *soap, const struct xml_element *element)
{
	soap_take_item(soap, bytes_of(behind(xml_attribute(element, "errorCode"), ':')),
		       SOAP_ERRORS);
}

static void
open_query(struct soap *soap, const struct xml_element *element)
{
	soap_set(soap, SOAP_QUERY_ID, xml_attribute(element, "id"));
	soap_take_item(soap, bytes_of(xml_attribute(element, "home")),
		       SOAP_COMMUNITIES);
}

static void
open_option(struct soap *soap, const struct xml_element *element)
{
	soap_set(soap, SOAP_RETURN_TYPE, xml_attribute(element, "returnType"));
}

static void
open_slot(struct soap *soap, const struct xml_element *element)
{
	struct text name = xml_attribute(element, "name");

	soap->slot = SOAP_LISTS;
	for (size_t i = 0; i < COUNT_OF(slots); i++)
		if (text_is(name, slots[i].name))
			soap->slot = slots[i].list;
}

static void
open_value(struct soap *soap, const struct xml_element *element)
{
	if (soap->slot == SOAP_PATIENTS)
		soap_gather(soap, element->depth, soap_take_patients, 0);
	else if (soap->slot != SOAP_LISTS)
		soap_gather(soap, element->depth, soap_take_item, soap->slot);
}

static void
open_identifier(struct soap *soap, const struct xml_element *element)
{
	struct text scheme = xml_attribute(element, "identificationScheme");
	struct bytes value = bytes_of(xml_attribute(element, "value"));

	for (size_t i = 0; i < COUNT_OF(schemes); i++) {
		if (!text_is(scheme, schemes[i].scheme))
			continue;
		if (schemes[i].list == SOAP_PATIENTS)
			soap_take_patients(soap, value, 0);
		else
			soap_take_item(soap, value, schemes[i].list);
	}
}

static void
open_object(struct soap *soap, const struct xml_element *element)
{
	soap_take_item(soap, bytes_of(xml_attribute(element, "home")),
		       SOAP_COMMUNITIES);
}

static void
open_document(struct soap *soap, const struct xml_element *element)
{
	(void)element;
	/* that of a DocumentResponse is counted there */
	soap->count[SOAP_SENT] += soap->count[SOAP_RETURNED] == 0;
}

static void
open_patient_id(struct soap *soap, const struct xml_element *element)
{
	soap_add_patient(soap, xml_attribute(element, "root"),
			 xml_attribute(element, "extension"));
}

static void
open_sender(struct soap *soap, const struct xml_element *element)
{
	soap_set(soap, SOAP_SENDER, xml_attribute(element, "root"));
}

static void
open_receiver(struct soap *soap, const struct xml_element *element)
{
	soap_set(soap, SOAP_RECEIVER, xml_attribute(element, "root"));
}

static void
open_acknowledgement(struct soap *soap, const struct xml_element *element)
{
	soap_set(soap, SOAP_ACKNOWLEDGEMENT, xml_attribute(element, "typeCode"));
}

static void
open_type_code(struct soap *soap, const struct xml_element *element)
{
	soap_set(soap, SOAP_ACKNOWLEDGEMENT, xml_attribute(element, "code"));
}

static void
open_query_response(struct soap *soap, const struct xml_element *element)
{
	soap_set(soap, SOAP_QUERY_RESPONSE, xml_attribute(element, "code"));
}

static void
open_detail_code(struct soap *soap, const struct xml_element *element)
{
	soap_take_item(soap, bytes_of(xml_attribute(element, "code")), SOAP_ERRORS);
}

/* The body's first element says what the message is; only of a space we know can its
 * name be told. */
static void
open_message(struct soap *soap, const struct xml_element *element, enum space space)
{
	if (space == ANY || space == NONE || space == SOAP)
		return;
	soap->is_health = true;
	if (element->name.size <= 64)
		soap_set(soap, SOAP_MESSAGE, element->name);
}

enum soap_context
soap_open(struct soap *soap, const struct xml_element *element,
	  enum soap_context parent)
{
	enum space space = space_of(element->space);

	if (parent == SOAP_IN_BODY)
		open_message(soap, element, space);
	for (size_t i = 0; space != ANY && i < COUNT_OF(elements); i++) {
		if (elements[i].space != space ||
		    !text_is(element->name, elements[i].name) ||
		    (elements[i].parent != SOAP_NOWHERE &&
		     elements[i].parent != parent))
			continue;
		if (elements[i].what == TEXT)
			soap_gather(soap, element->depth, soap_take_text,
				    elements[i].which);
		else if (elements[i].what == ITEM)
			soap_gather(soap, element->depth, soap_take_item,
				    elements[i].which);
		else if (elements[i].what == COUNT)
			soap->count[elements[i].which]++;
		if (elements[i].open != NULL)
			elements[i].open(soap, element);
		return elements[i].context;
	}
	return SOAP_IN_OTHER;
}
