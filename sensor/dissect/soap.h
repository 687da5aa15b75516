/* SPDX-License-Identifier: Apache-2.0 */
/*
 * soap: reads a SOAP envelope as it comes, and keeps codes, counts and ids alone.
 *
 * SOAP 1.1 and 1.2, WS-Addressing, the SAML assertion of WS-Security (XUA,
 * ITI-40), ebXML registry messages (XDS, XCA) and HL7 v3 messages (PIX, PDQ,
 * XCPD).  No name, birth date, document or error text is kept.
 */
#ifndef SENSOR_DISSECT_SOAP_H
#define SENSOR_DISSECT_SOAP_H

#include "sensor/dissect/http_texts.h"
#include "sensor/dissect/xml.h"

enum soap_text {
	SOAP_ACTION,
	SOAP_MESSAGE_ID,
	SOAP_RELATES_TO,
	SOAP_REPLY_TO,
	SOAP_MESSAGE, /* local name of the body's first element, if it is known */
	SOAP_STATUS,
	SOAP_ACKNOWLEDGEMENT,
	SOAP_QUERY_RESPONSE,
	SOAP_FAULT,
	SOAP_QUERY_ID,
	SOAP_RETURN_TYPE,
	SOAP_SENDER,
	SOAP_RECEIVER,
	SAML_ID,
	SAML_ISSUER,
	SAML_NAME,
	SAML_METHOD,
	SAML_FROM,
	SAML_UNTIL,
	SAML_SUBJECT,
	SAML_PROVIDER,
	SAML_ROLE,
	SAML_ROLE_SYSTEM,
	SAML_PURPOSE,
	SAML_PURPOSE_SYSTEM,
	SAML_ORGANIZATION,
	SAML_ORGANIZATION_ID,
	SAML_COMMUNITY,
	SAML_PATIENT,
	SAML_CONSENT,
	SAML_POLICY,
	SOAP_TEXTS
};

enum soap_list {
	SOAP_PATIENTS,
	SOAP_COMMUNITIES,
	SOAP_REPOSITORIES,
	SOAP_DOCUMENTS,
	SOAP_ERRORS,
	SOAP_LISTS
};

enum soap_count {
	SOAP_ASKED,
	SOAP_SENT,
	SOAP_RETURNED,
	SOAP_OBJECTS,
	SOAP_FOUND,
	SOAP_COUNTS
};

enum { SOAP_TEXT_MAX = 512, SOAP_ITEMS_MAX = 64 };

/* What stands between an element and the one it is in. */
enum soap_context {
	SOAP_NOWHERE,
	SOAP_IN_HEADER,
	SOAP_IN_BODY,
	SOAP_IN_REPLY_TO,
	SOAP_IN_FAULT_CODE,
	SOAP_IN_SENDER,
	SOAP_IN_RECEIVER,
	SOAP_IN_DEVICE_OF_SENDER,
	SOAP_IN_DEVICE_OF_RECEIVER,
	SOAP_IN_PATIENT,
	SOAP_IN_PATIENT_PARAMETER,
	SOAP_IN_ACKNOWLEDGEMENT,
	SOAP_IN_DETAIL,
	SOAP_IN_OBJECTS,
	SOAP_IN_ASSERTION,
	SOAP_IN_SUBJECT,
	SOAP_IN_VALUE,
	SOAP_IN_OTHER
};

struct soap {
	struct kept_budget *budget; /* borrowed */
	struct xml *xml;            /* owned until the document is over */
	uint8_t version;            /* 11, 12, or 0: no envelope so far */
	bool is_none;               /* XML, but no envelope */
	bool is_health;             /* what is in the body is of IHE or HL7 v3 */
	bool has_fault, has_assertion, is_assertion_encrypted;
	const char *lost; /* why it is not whole, or NULL */
	struct http_texts texts;
	struct http_list list[SOAP_LISTS];
	uint32_t count[SOAP_COUNTS];
	/* where the reading stands */
	uint8_t context[XML_DEPTH_MAX + 2]; /* by depth */
	uint32_t assertion_depth;
	uint8_t attribute;   /* of the assertion: row of soap_saml.c and one more */
	enum soap_list slot; /* of the registry: the list its values go to */
	/* the text that is being gathered */
	uint32_t taking_depth; /* 0: none */
	void (*take)(struct soap *soap, struct bytes text, unsigned where);
	unsigned take_where;
	uint16_t size;
	char text[SOAP_TEXT_MAX];
};

/* False for want of memory. */
bool soap_begin(struct soap *soap, struct kept_budget *budget);
void soap_feed(struct soap *soap, struct bytes data);
/* Nothing more comes; 'why' it is not whole, or NULL.  What was read stays. */
void soap_end(struct soap *soap, const char *why);
void soap_release(struct soap *soap);

/* Between the parts of it. */

void soap_set(struct soap *soap, enum soap_text which, struct text value);
/* Gathers the text of the element at 'depth' and hands it to 'take' when it closes. */
void soap_gather(struct soap *soap, uint32_t depth,
		 void (*take)(struct soap *, struct bytes, unsigned), unsigned where);
void soap_take_text(struct soap *soap, struct bytes text, unsigned which);
void soap_take_item(struct soap *soap, struct bytes text, unsigned list);
/* "id^^^&authority&ISO", in quotes and brackets as a stored query has it; several in
 * one. */
void soap_take_patients(struct soap *soap, struct bytes text, unsigned unused);
void soap_add_patient(struct soap *soap, struct text authority, struct text id);
/* As ihe.patients has one: into 'room', which has SOAP_TEXT_MAX bytes. */
struct bytes soap_patient(char *room, struct bytes authority, struct bytes id);

/* soap_elements.c: the context the element gives to what is in it. */
enum soap_context soap_open(struct soap *soap, const struct xml_element *element,
			    enum soap_context parent);
/* soap_saml.c: an element inside an assertion. */
enum soap_context soap_open_saml(struct soap *soap, const struct xml_element *element,
				 enum soap_context parent);

#endif
