/* SPDX-License-Identifier: Apache-2.0 */
/* ihe: which transaction an action URI, or a message without one, belongs to. */
#include "sensor/dissect/ihe.h"

#include <string.h>

/* IHE ITI TF-2 (ITI-18 to ITI-92), RAD TF-2 and PHARM; several rows for one that has
 * several messages. */
/* clang-format off */
static const struct ihe_transaction transactions[] = {
	{ "urn:ihe:iti:2007:RegistryStoredQuery", NULL, NULL, "ITI-18", "Registry Stored Query" },
	{ "urn:ihe:iti:2007:CrossGatewayQuery", NULL, NULL, "ITI-38", "Cross Gateway Query" },
	{ "urn:ihe:iti:2007:CrossGatewayRetrieve", NULL, NULL, "ITI-39", "Cross Gateway Retrieve" },
	{ "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b", "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse", NULL, "ITI-41", "Provide and Register Document Set-b" },
	{ "urn:ihe:iti:2007:RegisterDocumentSet-b", NULL, NULL, "ITI-42", "Register Document Set-b" },
	{ "urn:ihe:iti:2007:RetrieveDocumentSet", NULL, NULL, "ITI-43", "Retrieve Document Set" },
	{ "urn:hl7-org:v3:PRPA_IN201301UV02", "urn:hl7-org:v3:MCCI_IN000002UV01", "PRPA_IN201301UV02", "ITI-44", "Patient Identity Feed HL7 V3" },
	{ "urn:hl7-org:v3:PRPA_IN201304UV02", "urn:hl7-org:v3:MCCI_IN000002UV01", "PRPA_IN201304UV02", "ITI-44", "Patient Identity Feed HL7 V3" },
	{ "urn:hl7-org:v3:PRPA_IN201302UV02", "urn:hl7-org:v3:MCCI_IN000002UV01", "PRPA_IN201302UV02", NULL, "Patient Record Revised (ITI-44 or ITI-46)" },
	{ "urn:hl7-org:v3:PRPA_IN201309UV02", "urn:hl7-org:v3:PRPA_IN201310UV02", "PRPA_IN201309UV02", "ITI-45", "PIXV3 Query" },
	{ "urn:hl7-org:v3:PRPA_IN201305UV02:CrossGatewayPatientDiscovery", "urn:hl7-org:v3:PRPA_IN201306UV02:CrossGatewayPatientDiscovery", NULL, "ITI-55", "Cross Gateway Patient Discovery" },
	{ "urn:hl7-org:v3:PRPA_IN201305UV02:Deferred:CrossGatewayPatientDiscovery", "urn:hl7-org:v3:PRPA_IN201306UV02:Deferred:CrossGatewayPatientDiscovery", NULL, "ITI-55", "Cross Gateway Patient Discovery, deferred" },
	{ "urn:hl7-org:v3:PRPA_IN201305UV02", "urn:hl7-org:v3:PRPA_IN201306UV02", NULL, "ITI-47", "Patient Demographics Query HL7 V3" },
	{ "urn:hl7-org:v3:QUQI_IN000003UV01_Continue", "urn:hl7-org:v3:PRPA_IN201306UV02", NULL, "ITI-47", "Patient Demographics Query HL7 V3" },
	{ "urn:hl7-org:v3:QUQI_IN000003UV01_Cancel", "urn:hl7-org:v3:MCCI_IN000002UV01", NULL, "ITI-47", "Patient Demographics Query HL7 V3" },
	{ "urn:ihe:iti:2009:MultiPatientStoredQuery", NULL, NULL, "ITI-51", "Multi-Patient Stored Query" },
	{ "urn:ihe:iti:2009:PatientLocationQuery", NULL, "PatientLocationQueryRequest", "ITI-56", "Patient Location Query" },
	{ "urn:ihe:iti:2010:UpdateDocumentSet", NULL, NULL, "ITI-57", "Update Document Set" },
	{ "urn:ihe:iti:2010:RegisterOnDemandDocumentEntry", NULL, NULL, "ITI-61", "Register On-Demand Document Entry" },
	{ "urn:ihe:iti:2010:DeleteDocumentSet", NULL, NULL, "ITI-62", "Remove Metadata" },
	{ "urn:ihe:iti:2011:CrossGatewayFetch", NULL, NULL, "ITI-63", "XCF Fetch" },
	{ "urn:ihe:iti:2015:CrossGatewayDocumentProvide", NULL, NULL, "ITI-80", "Cross-Gateway Document Provide" },
	{ "urn:ihe:iti:2017:RemoveDocuments", NULL, NULL, "ITI-86", "Remove Documents" },
	{ "urn:ihe:iti:2018:RestrictedUpdateDocumentSet", NULL, NULL, "ITI-92", "Restricted Update Document Set" },
	{ "urn:ihe:rad:2009:RetrieveImagingDocumentSet", NULL, "RetrieveImagingDocumentSetRequest", "RAD-69", "Retrieve Imaging Document Set" },
	{ "urn:ihe:rad:2011:CrossGatewayRetrieveImagingDocumentSet", NULL, NULL, "RAD-75", "Cross Gateway Retrieve Imaging Document Set" },
	{ "urn:ihe:pharm:cmpd:2010:QueryPharmacyDocuments", NULL, NULL, "PHARM-1", "Query Pharmacy Documents" },
};

static const struct { const char *id, *name; } queries[] = {
	{ "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d", "FindDocuments" },
	{ "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9", "FindSubmissionSets" },
	{ "urn:uuid:958f3006-baad-4929-a4de-ff1114824431", "FindFolders" },
	{ "urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3", "GetAll" },
	{ "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4", "GetDocuments" },
	{ "urn:uuid:5737b14c-8a1a-4539-b659-e03a34a5e1e4", "GetFolders" },
	{ "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155", "GetAssociations" },
	{ "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a", "GetDocumentsAndAssociations" },
	{ "urn:uuid:51224314-5390-4169-9b91-b1980040715a", "GetSubmissionSets" },
	{ "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83", "GetSubmissionSetAndContents" },
	{ "urn:uuid:b909a503-523d-4517-8acf-8e5834dfc4c7", "GetFolderAndContents" },
	{ "urn:uuid:10cae35a-c7f9-4cf5-b61e-fc3278ffb578", "GetFoldersForDocument" },
	{ "urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6", "GetRelatedDocuments" },
	{ "urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492", "FindDocumentsByReferenceId" },
	{ "urn:uuid:3d1bdb10-39a2-11de-89c2-2f44d94eaa9f", "FindDocumentsForMultiplePatients" },
	{ "urn:uuid:50d3f5ac-39a2-11de-a1ca-b366239e58df", "FindFoldersForMultiplePatients" },
};
/* clang-format on */

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static bool
is_answer_of(const struct ihe_transaction *transaction, struct bytes action)
{
	size_t size = strlen(transaction->action);

	if (transaction->answer != NULL)
		return http_is(action, transaction->answer);
	return action.left > size && http_begins(action, transaction->action) &&
	       http_is(bytes_over(action.at + size, action.left - size), "Response");
}

const struct ihe_transaction *
ihe_by_action(struct bytes action, bool *is_answer)
{
	*is_answer = false;
	for (size_t i = 0; i < COUNT_OF(transactions); i++)
		if (http_is(action, transactions[i].action))
			return &transactions[i];
	*is_answer = true;
	for (size_t i = 0; i < COUNT_OF(transactions); i++)
		if (is_answer_of(&transactions[i], action))
			return &transactions[i];
	return NULL;
}

const struct ihe_transaction *
ihe_by_message(struct bytes message)
{
	for (size_t i = 0; i < COUNT_OF(transactions); i++)
		if (transactions[i].message != NULL &&
		    http_is(message, transactions[i].message))
			return &transactions[i];
	return NULL;
}

const char *
ihe_query_name(struct bytes id)
{
	for (size_t i = 0; i < COUNT_OF(queries); i++)
		if (http_is(id, queries[i].id))
			return queries[i].name;
	return NULL;
}
