/* SPDX-License-Identifier: Apache-2.0 */
/* soap_saml: the SAML 2.0 assertion of ITI-40 (XUA): who asks, for whom, in what role
 * and why. */
#include "sensor/dissect/soap.h"

enum kind { PLAIN, CODE /* or a text */, PATIENT };

/* clang-format off */
static const struct {
	const char *name;
	enum kind kind;
	enum soap_text text, system;
} attributes[] = {
	{ "urn:oasis:names:tc:xspa:1.0:subject:subject-id", PLAIN, SAML_SUBJECT, SOAP_TEXTS },
	{ "urn:oasis:names:tc:xacml:1.0:subject:subject-id", PLAIN, SAML_SUBJECT, SOAP_TEXTS },
	{ "urn:oasis:names:tc:xspa:1.0:subject:organization", PLAIN, SAML_ORGANIZATION, SOAP_TEXTS },
	{ "urn:oasis:names:tc:xspa:1.0:subject:organization-id", PLAIN, SAML_ORGANIZATION_ID, SOAP_TEXTS },
	{ "urn:oasis:names:tc:xspa:1.0:subject:npi", PLAIN, SAML_PROVIDER, SOAP_TEXTS },
	{ "urn:oasis:names:tc:xspa:2.0:subject:npi", PLAIN, SAML_PROVIDER, SOAP_TEXTS },
	{ "urn:ihe:iti:xua:2017:subject:provider-identifier", CODE, SAML_PROVIDER, SOAP_TEXTS },
	{ "urn:ihe:iti:xca:2010:homeCommunityId", PLAIN, SAML_COMMUNITY, SOAP_TEXTS },
	{ "urn:nhin:names:saml:homeCommunityId", PLAIN, SAML_COMMUNITY, SOAP_TEXTS },
	{ "urn:oasis:names:tc:xacml:2.0:subject:role", CODE, SAML_ROLE, SAML_ROLE_SYSTEM },
	{ "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse", CODE, SAML_PURPOSE, SAML_PURPOSE_SYSTEM },
	{ "urn:oasis:names:tc:xacml:2.0:resource:resource-id", PATIENT, SAML_PATIENT, SOAP_TEXTS },
	{ "urn:oasis:names:tc:xacml:1.0:resource:resource-id", PATIENT, SAML_PATIENT, SOAP_TEXTS },
	{ "urn:ihe:iti:bppc:2007:docid", PLAIN, SAML_CONSENT, SOAP_TEXTS },
	{ "urn:ihe:iti:xua:2012:acp", PLAIN, SAML_POLICY, SOAP_TEXTS },
};
/* clang-format on */

static struct bytes
bytes_of(struct text text)
{
	return bytes_over(text.at, text.size);
}

/* "id^^^&authority&ISO", written as all patients are. */
static void
take_patient(struct soap *soap, struct bytes text, unsigned which)
{
	char room[SOAP_TEXT_MAX];

	text = http_trim(text);
	struct bytes id = http_until(&text, '^');
	http_until(&text, '^');
	http_until(&text, '^');
	struct bytes authority = http_until(&text, '^');
	http_until(&authority, '&');
	if (id.left > 0)
		http_texts_set(&soap->texts, soap->budget, which,
			       soap_patient(room, http_until(&authority, '&'), id),
			       SOAP_TEXT_MAX);
}

static void
open_attribute(struct soap *soap, const struct xml_element *element)
{
	struct text name = xml_attribute(element, "Name");

	soap->attribute = 0;
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (text_is(name, attributes[i].name))
			soap->attribute = (uint8_t)(i + 1);
}

static void
open_value(struct soap *soap, const struct xml_element *element)
{
	if (soap->attribute == 0)
		return;
	enum soap_text text = attributes[soap->attribute - 1].text;
	soap_gather(soap, element->depth,
		    attributes[soap->attribute - 1].kind == PATIENT ? take_patient
								    : soap_take_text,
		    text);
}

/* An HL7 v3 code (or id) in the value: <Role code= codeSystem=>, <id root= extension=>.
 */
static void
open_coded(struct soap *soap, const struct xml_element *element)
{
	if (soap->attribute == 0)
		return;
	size_t row = soap->attribute - 1u;
	struct text code = xml_attribute(element, "code");
	struct text extension = xml_attribute(element, "extension");
	if (attributes[row].kind == PATIENT && extension.size > 0) {
		char room[SOAP_TEXT_MAX];
		http_texts_set(&soap->texts, soap->budget, SAML_PATIENT,
			       soap_patient(room,
					    bytes_of(xml_attribute(element, "root")),
					    bytes_of(extension)),
			       SOAP_TEXT_MAX);
	}
	if (attributes[row].kind != CODE)
		return;
	soap_set(soap, attributes[row].text, code.size > 0 ? code : extension);
	if (attributes[row].system != SOAP_TEXTS)
		soap_set(soap, attributes[row].system,
			 xml_attribute(element, "codeSystem"));
}

static struct text
behind_colon(struct text text)
{
	const char *found = text.size ? memrchr(text.at, ':', text.size) : NULL;

	if (found == NULL)
		return text;
	return (struct text){ found + 1,
			      (uint32_t)(text.at + text.size - (found + 1)) };
}

static void
open_conditions(struct soap *soap, const struct xml_element *element)
{
	soap_set(soap, SAML_FROM, xml_attribute(element, "NotBefore"));
	soap_set(soap, SAML_UNTIL, xml_attribute(element, "NotOnOrAfter"));
}

enum soap_context
soap_open_saml(struct soap *soap, const struct xml_element *element,
	       enum soap_context parent)
{
	if (parent == SOAP_IN_VALUE)
		open_coded(soap, element);
	if (!text_is(element->space, "urn:oasis:names:tc:SAML:2.0:assertion"))
		return SOAP_IN_OTHER;
	if (text_is(element->name, "Issuer") && parent == SOAP_IN_ASSERTION)
		soap_gather(soap, element->depth, soap_take_text, SAML_ISSUER);
	else if (text_is(element->name, "Subject") && parent == SOAP_IN_ASSERTION)
		return SOAP_IN_SUBJECT;
	else if (text_is(element->name, "NameID") && parent == SOAP_IN_SUBJECT)
		soap_gather(soap, element->depth, soap_take_text, SAML_NAME);
	else if (text_is(element->name, "SubjectConfirmation") &&
		 parent == SOAP_IN_SUBJECT)
		soap_set(soap, SAML_METHOD,
			 behind_colon(xml_attribute(element, "Method")));
	else if (text_is(element->name, "Conditions") && parent == SOAP_IN_ASSERTION)
		open_conditions(soap, element);
	else if (text_is(element->name, "Attribute"))
		open_attribute(soap, element);
	else if (text_is(element->name, "AttributeValue")) {
		open_value(soap, element);
		return SOAP_IN_VALUE;
	}
	return SOAP_IN_OTHER;
}
