/* SPDX-License-Identifier: Apache-2.0 */
/* soap_text: messages of IHE transactions, with markers where patients and users stand.
 */
#ifndef TESTS_UNIT_SOAP_TEXT_H
#define TESTS_UNIT_SOAP_TEXT_H

#define S12   "xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
#define S11   "xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
#define WSA   "xmlns:a=\"http://www.w3.org/2005/08/addressing\" "
#define RIM   "xmlns:r=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\" "
#define QUERY "xmlns:q=\"urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0\" "
#define RS    "xmlns:rs=\"urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0\" "
#define XDS   "xmlns:x=\"urn:ihe:iti:xds-b:2007\" "

#define ATTRIBUTE(name, value)                                                    \
	"<Attribute Name=\"" name "\"><AttributeValue>" value "</AttributeValue>" \
	"</Attribute>"
#define ASSERTION                                                                      \
	"<w:Security xmlns:w=\"http://docs.oasis-open.org/wss/2004/01/"                \
	"oasis-200401-wss-wssecurity-secext-1.0.xsd\">"                                \
	"<Assertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_as-1\">"     \
	"<Issuer>https://idp.region-a.jp</Issuer><Subject>"                            \
	"<NameID>MARKER-user</NameID><SubjectConfirmation "                            \
	"Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"/></Subject>"                 \
	"<Conditions NotBefore=\"2026-11-20T00:00:00Z\" "                              \
	"NotOnOrAfter=\"2026-11-20T01:00:00Z\"/><AttributeStatement>" ATTRIBUTE(       \
		"urn:oasis:names:tc:xspa:1.0:subject:subject-id",                      \
		"Dr MARKER") ATTRIBUTE("urn:oasis:names:tc:xspa:1.0:subject:"          \
				       "organization",                                 \
				       "Hospital A")                                   \
		ATTRIBUTE(                                                             \
			"urn:oasis:names:tc:xspa:1.0:subject:organization-id",         \
			"urn:oid:1.2.392.200119.1") ATTRIBUTE("urn:ihe:iti:xca:2010:"  \
							      "homeCommunityId",       \
							      "urn:oid:1.2.3")         \
			ATTRIBUTE("urn:oasis:names:tc:xacml:2.0:subject:role",         \
				  "<Role xmlns=\"urn:hl7-org:v3\" code=\"112247003\" " \
				  "codeSystem=\"2.16.840.1.113883.6.96\" "             \
				  "displayName=\"MARKER\"/>")                          \
				ATTRIBUTE("urn:oasis:names:tc:xspa:1.0:subject:"       \
					  "purposeofuse",                              \
					  "<PurposeOfUse xmlns=\"urn:hl7-org:v3\" "    \
					  "code=\"TREATMENT\" "                        \
					  "codeSystem=\"2.16.840.1.113883.3.18.7.1\"/" \
					  ">") ATTRIBUTE("urn:oasis:names:tc:xacml:2." \
							 "0:resource:resource-id",     \
							 "MARKER-1^^^&amp;1.2.3.9&"    \
							 "amp;ISO")                    \
					ATTRIBUTE("urn:ihe:iti:bppc:2007:docid",       \
						  "MARKER-consent")                    \
						ATTRIBUTE(                             \
							"urn:ihe:iti:xua:2012:acp",    \
							"urn:oid:1.2.5") "</"          \
									 "AttributeSt" \
									 "atement></"  \
									 "Assertion><" \
									 "/w:"         \
									 "Security>"

/* ITI-38 */
#define QUERY_BODY                                                                     \
	"<q:AdhocQueryRequest " QUERY RIM "><q:ResponseOption "                        \
	"returnType=\"LeafClass\"/><r:AdhocQuery "                                     \
	"id=\"urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d\" home=\"urn:oid:1.2.4\">" \
	"<r:Slot name=\"$XDSDocumentEntryPatientId\"><r:ValueList>"                    \
	"<r:Value>'MARKER-1^^^&amp;1.2.3.9&amp;ISO'</r:Value></r:ValueList></r:Slot>"  \
	"<r:Slot name=\"$XDSDocumentEntryStatus\"><r:ValueList><r:Value>('MARKER')"    \
	"</r:Value></r:ValueList></r:Slot></r:AdhocQuery></q:AdhocQueryRequest>"
#define CROSS_QUERY                                                     \
	"<?xml version=\"1.0\"?><s:Envelope " S12 WSA "><s:Header>"     \
	"<a:Action>urn:ihe:iti:2007:CrossGatewayQuery</a:Action>"       \
	"<a:MessageID>urn:uuid:m-1</a:MessageID><a:ReplyTo><a:Address>" \
	"http://www.w3.org/2005/08/addressing/anonymous</a:Address></"  \
	"a:ReplyTo>" ASSERTION "</s:Header><s:Body>" QUERY_BODY         \
	"</s:Body></s:Envelope>"
#define CROSS_QUERY_ANSWER                                                           \
	"<s:Envelope " S12 WSA "><s:Header>"                                         \
	"<a:Action>urn:ihe:iti:2007:CrossGatewayQueryResponse</a:Action>"            \
	"<a:MessageID>urn:uuid:m-2</a:MessageID>"                                    \
	"<a:RelatesTo>urn:uuid:m-1</a:RelatesTo></s:Header><s:Body>"                 \
	"<q:AdhocQueryResponse " QUERY RIM RS                                        \
	"status=\"urn:ihe:iti:2007:ResponseStatusType:PartialSuccess\">"             \
	"<rs:RegistryErrorList><rs:RegistryError errorCode=\"XDSUnknownCommunity\" " \
	"codeContext=\"MARKER\"/></rs:RegistryErrorList><r:RegistryObjectList>"      \
	"<r:ExtrinsicObject id=\"a\" home=\"urn:oid:1.2.4\"><r:Name>MARKER</r:Name>" \
	"<r:ExternalIdentifier "                                                     \
	"identificationScheme=\"urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab\" "    \
	"value=\"MARKER.doc\"/></r:ExtrinsicObject><r:ExtrinsicObject id=\"b\" "     \
	"home=\"urn:oid:1.2.5\"/></r:RegistryObjectList></q:AdhocQueryResponse>"     \
	"</s:Body></s:Envelope>"
/* ITI-39 or ITI-43 */
#define RETRIEVE                                                                  \
	"<s:Envelope " S12 "><s:Body><x:RetrieveDocumentSetRequest " XDS ">"      \
	"<x:DocumentRequest><x:HomeCommunityId>urn:oid:1.2.4</x:HomeCommunityId>" \
	"<x:RepositoryUniqueId>1.9</x:RepositoryUniqueId>"                        \
	"<x:DocumentUniqueId>MARKER.1</x:DocumentUniqueId></x:DocumentRequest>"   \
	"<x:DocumentRequest><x:DocumentUniqueId>MARKER.2</x:DocumentUniqueId>"    \
	"</x:DocumentRequest></x:RetrieveDocumentSetRequest></s:Body></s:Envelope>"
#define RETRIEVE_ANSWER                                                           \
	"<s:Envelope " S12 "><s:Body><x:RetrieveDocumentSetResponse " XDS RS ">"  \
	"<rs:RegistryResponse "                                                   \
	"status=\"urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success\"/>" \
	"<x:DocumentResponse><x:DocumentUniqueId>MARKER.1</x:DocumentUniqueId>"   \
	"<x:Document>TUFSS0VS MARKER</x:Document></x:DocumentResponse>"           \
	"</x:RetrieveDocumentSetResponse></s:Body></s:Envelope>"
/* ITI-55 */
#define DISCOVERY                                                                     \
	"<s:Envelope " S12 "><s:Body><PRPA_IN201305UV02 xmlns=\"urn:hl7-org:v3\">"    \
	"<receiver><device><id root=\"1.2.4.7\"/></device></receiver>"                \
	"<sender><device><id root=\"1.2.3.7\"/></device></sender>"                    \
	"<controlActProcess><queryByParameter><parameterList><livingSubjectName>"     \
	"<value>MARKER</value></livingSubjectName><livingSubjectId>"                  \
	"<value root=\"1.2.3.9\" extension=\"MARKER-1\"/></livingSubjectId>"          \
	"</parameterList></queryByParameter></controlActProcess></PRPA_IN201305UV02>" \
	"</s:Body></s:Envelope>"
#define DISCOVERY_ANSWER                                                             \
	"<s:Envelope " S12 "><s:Body><PRPA_IN201306UV02 xmlns=\"urn:hl7-org:v3\">"   \
	"<acknowledgement><typeCode code=\"AA\"/></acknowledgement>"                 \
	"<controlActProcess><subject><registrationEvent><subject1><patient>"         \
	"<id root=\"1.2.4.9\" extension=\"MARKER-7\"/><patientPerson><name>MARKER"   \
	"</name></patientPerson></patient></subject1></registrationEvent></subject>" \
	"<queryAck><queryResponseCode code=\"OK\"/></queryAck></controlActProcess>"  \
	"</PRPA_IN201306UV02></s:Body></s:Envelope>"
#define FAULT                                                                  \
	"<s:Envelope " S11 "><s:Body><s:Fault><faultcode>s:Client</faultcode>" \
	"<faultstring>MARKER</faultstring></s:Fault></s:Body></s:Envelope>"

#endif
