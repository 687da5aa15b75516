/* SPDX-License-Identifier: Apache-2.0 */
/* smb_report: the smb records: a log-in, or a share at its end. */
#include <stdio.h>
#include <string.h>

#include "sensor/dissect/smb_state.h"

enum { GUEST = 1, ANONYMOUS = 2, ENCRYPTS = 4, JSON_SAFE_BITS = 53 };

struct status {
	uint32_t code;
	const char *name;
};

/* MS-ERREF 2.3.1, those a log-in or a share ends with. */
static const struct status statuses[] = {
	{ 0, "STATUS_SUCCESS" },
	{ 0xc000000d, "STATUS_INVALID_PARAMETER" },
	{ 0xc0000022, "STATUS_ACCESS_DENIED" },
	{ 0xc0000034, "STATUS_OBJECT_NAME_NOT_FOUND" },
	{ 0xc0000064, "STATUS_NO_SUCH_USER" },
	{ 0xc000006a, "STATUS_WRONG_PASSWORD" },
	{ 0xc000006d, "STATUS_LOGON_FAILURE" },
	{ 0xc000006e, "STATUS_ACCOUNT_RESTRICTION" },
	{ 0xc000006f, "STATUS_INVALID_LOGON_HOURS" },
	{ 0xc0000071, "STATUS_PASSWORD_EXPIRED" },
	{ 0xc0000072, "STATUS_ACCOUNT_DISABLED" },
	{ 0xc00000bb, "STATUS_NOT_SUPPORTED" },
	{ 0xc00000cc, "STATUS_BAD_NETWORK_NAME" },
	{ 0xc000015b, "STATUS_LOGON_TYPE_NOT_GRANTED" },
	{ 0xc0000193, "STATUS_ACCOUNT_EXPIRED" },
	{ 0xc0000203, "STATUS_USER_SESSION_DELETED" },
	{ 0xc0000224, "STATUS_PASSWORD_MUST_CHANGE" },
	{ 0xc0000234, "STATUS_ACCOUNT_LOCKED_OUT" },
};

struct interface {
	uint32_t first; /* of the UUID */
	const char *name;
};

/* Interfaces by the first part of their UUIDs, which is theirs alone. */
static const struct interface interfaces[] = {
	{ 0x367abb81, "svcctl" },   { 0x12345778, "samr-or-lsarpc" },
	{ 0x4b324fc8, "srvsvc" },   { 0x6bffd098, "wkssvc" },
	{ 0x338cd001, "winreg" },   { 0x1ff70682, "atsvc" },
	{ 0x86d35949, "schrpc" },   { 0x12345678, "netlogon-or-spoolss" },
	{ 0xe3514235, "drsuapi" },  { 0xc681d488, "efsrpc" },
	{ 0xdf1941c5, "efsrpc" },   { 0x82273fdc, "eventlog" },
	{ 0xe1af8308, "epmapper" }, { 0x76f03f96, "par" },
	{ 0x4fc742e0, "netdfs" },   { 0x3919286a, "dssetup" },
};

static void
tell_status(struct telling *telling, uint32_t status)
{
	char number[16];
	const char *name = NULL;

	snprintf(number, sizeof(number), "0x%x", (unsigned)status);
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].code == status)
			name = statuses[i].name;
	struct text code = scratch_copy(&telling->scratch, text_of(number));
	record_set_text(&telling->record, FIELD_SMB_STATUS,
			name ? text_of(name) : code);
	record_set_text(&telling->record, FIELD_SMB_STATUS_CODE, code);
}

static void
tell_name(struct telling *telling, enum field_id field, const struct smb_name *name)
{
	telling_text(telling, field, bytes_over(name->at, name->size),
		     SMB_NAME_MAX * 4);
}

static void
tell_version(struct smb *smb)
{
	struct telling *telling = &smb->lane->telling;
	char name[SMB_DIALECT_SIZE];

	if (smb->has_dialect) {
		snprintf(name, sizeof(name), "%x.%02x", smb->dialect >> 8u,
			 smb->dialect & 0xffu);
		record_set_text(&telling->record, FIELD_SMB_DIALECT,
				scratch_copy(&telling->scratch, text_of(name)));
	} else if (smb->dialect1[0])
		telling_text(telling, FIELD_SMB_DIALECT,
			     bytes_over(smb->dialect1, strlen(smb->dialect1)),
			     SMB_DIALECT_SIZE * 4);
	if (smb->has_dialect)
		record_set_number(&telling->record, FIELD_SSMB_VERSION,
				  smb->dialect >> 8u);
	else if (smb->is_smb1 && !smb->is_smb2)
		record_set_number(&telling->record, FIELD_SSMB_VERSION, 1);
	if (smb->has_answer)
		record_set_flag(&telling->record, FIELD_SSMB_SIGNING, smb->signs);
}

static void
tell_dialects(struct smb *smb)
{
	struct telling *telling = &smb->lane->telling;
	struct text *items = telling_items(telling, SMB_DIALECTS_MAX);

	for (int i = 0; items && i < smb->dialect_count; i++)
		items[i] = scratch_text(&telling->scratch, smb->dialects[i],
					strlen(smb->dialects[i]), SMB_DIALECT_SIZE * 4);
	if (items && smb->dialect_count > 0)
		record_set_texts(&telling->record, FIELD_SMB_CLIENT_DIALECTS, items,
				 smb->dialect_count);
}

static void
tell_auth(struct smb *smb, uint32_t status, uint16_t flags)
{
	struct telling *telling = &smb->lane->telling;
	bool is_nobody = smb->has_user && smb->user.size == 0;

	telling_name(telling, FIELD_SSMB_AUTH_METHOD,
		     smb->is_ntlm       ? "ntlm"
		     : smb->is_kerberos ? "kerberos"
					: "other");
	telling_name(telling, FIELD_SSMB_OUTCOME,
		     status != STATUS_SUCCESS         ? "failure"
		     : flags & ANONYMOUS || is_nobody ? "anonymous"
		     : flags & GUEST                  ? "guest"
						      : "success");
	if (!smb->has_user)
		return;
	tell_name(telling, FIELD_SMB_NTLM_DOMAIN, &smb->domain);
	tell_name(telling, FIELD_SMB_NTLM_USER, &smb->user);
	tell_name(telling, FIELD_SMB_NTLM_HOST, &smb->host);
}

static const char *
command_name(const struct smb *smb, const char *smb1, const char *smb2)
{
	return smb->is_smb1 && !smb->is_smb2 ? smb1 : smb2;
}

static void
set_session(struct smb *smb)
{
	record_set_number(&smb->lane->telling.record, FIELD_SMB_SESSION_ID,
			  smb->session & ((UINT64_C(1) << JSON_SAFE_BITS) - 1));
}

void
smb_report_session(struct smb *smb, bool has_status, uint32_t status, uint16_t flags,
		   struct instant at, const struct dissect_out *out)
{
	struct telling *telling = &smb->lane->telling;

	smb->is_session_told = true;
	telling_begin(telling, EVENT_SMB);
	telling_name(telling, FIELD_SSMB_KIND, "session");
	tell_version(smb);
	tell_dialects(smb);
	record_set_flag(&telling->record, FIELD_SSMB_ENCRYPTED,
			smb->is_encrypted || flags & ENCRYPTS);
	if (has_status) {
		telling_name(telling, FIELD_SMB_COMMAND,
			     command_name(smb, "SMB1_COMMAND_SESSION_SETUP_ANDX",
					  "SMB2_COMMAND_SESSION_SETUP"));
		tell_status(telling, status);
		set_session(smb);
		tell_auth(smb, status, flags);
	}
	telling_emit(telling, out, at, true);
}

/* The last part of the path, if it is a share of the system. */
static void
tell_admin_share(struct telling *telling, const struct smb_name *share)
{
	static const char *const names[] = { "IPC$",   "ADMIN$",   "PRINT$",
					     "SYSVOL", "NETLOGON", NULL };
	size_t at = share->size;

	while (at > 0 && share->at[at - 1] != '\\')
		at--;
	size_t size = share->size - at;
	const char *last = (const char *)share->at + at;
	record_set_null(&telling->record, FIELD_SSMB_ADMIN);
	for (const char *const *name = names; *name; name++)
		if (strlen(*name) == size && strncasecmp(*name, last, size) == 0)
			telling_name(telling, FIELD_SSMB_ADMIN, *name);
	if (size != 2 || last[1] != '$')
		return;
	char drive[] = { (char)(last[0] & ~0x20), '$', '\0' };
	if (drive[0] >= 'A' && drive[0] <= 'Z')
		record_set_text(&telling->record, FIELD_SSMB_ADMIN,
				scratch_copy(&telling->scratch, text_of(drive)));
}

static void
tell_share(struct telling *telling, const struct smb_tree *tree)
{
	static const char *const types[] = { NULL, "FILE", "PIPE", "PRINT" };

	if (tree->has_share) {
		tell_name(telling, FIELD_SMB_SHARE, &tree->share);
		tell_admin_share(telling, &tree->share);
	} else
		telling_hide(telling, "smb.share", "truncated");
	if (tree->type >= 1 && tree->type <= 3)
		telling_name(telling, FIELD_SMB_SHARE_TYPE, types[tree->type]);
	if (tree->has_id)
		record_set_number(&telling->record, FIELD_SMB_TREE_ID, tree->id);
}

/* As text, or by its name. */
static struct text
interface_text(struct telling *telling, const uint8_t *uuid)
{
	uint32_t first = (uint32_t)uuid[3] << 24 | (uint32_t)uuid[2] << 16 |
			 (uint32_t)uuid[1] << 8 | uuid[0];
	char text[40];

	for (size_t i = 0; i < sizeof(interfaces) / sizeof(interfaces[0]); i++)
		if (interfaces[i].first == first)
			return text_of(interfaces[i].name);
	snprintf(text, sizeof(text),
		 "%08x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 (unsigned)first, uuid[5], uuid[4], uuid[7], uuid[6], uuid[8], uuid[9],
		 uuid[10], uuid[11], uuid[12], uuid[13], uuid[14], uuid[15]);
	return scratch_copy(&telling->scratch, text_of(text));
}

static void
tell_pipes(struct telling *telling, const struct smb_tree *tree)
{
	struct text *pipes = telling_items(telling, SMB_LIST_MAX);
	struct text *bound = telling_items(telling, SMB_LIST_MAX);

	if (pipes == NULL || bound == NULL)
		return;
	for (int i = 0; i < tree->pipe_count; i++)
		pipes[i] = scratch_text(&telling->scratch, tree->pipe[i],
					tree->pipe_size[i], SMB_PIPE_MAX * 4);
	for (int i = 0; i < tree->interface_count; i++)
		bound[i] = interface_text(telling, tree->interface[i]);
	record_set_texts(&telling->record, FIELD_SSMB_PIPES, pipes, tree->pipe_count);
	record_set_texts(&telling->record, FIELD_SSMB_INTERFACES, bound,
			 tree->interface_count);
}

static void
tell_files(struct record *record, const struct smb_tree *tree)
{
	record_set_number(record, FIELD_SSMB_OPENED, tree->opened);
	record_set_number(record, FIELD_SSMB_CREATED, tree->created);
	record_set_number(record, FIELD_SSMB_OVERWRITTEN, tree->overwritten);
	record_set_number(record, FIELD_SSMB_DELETED, tree->deleted);
	record_set_number(record, FIELD_SSMB_RENAMED, tree->renamed);
	record_set_number(record, FIELD_SSMB_REFUSED, tree->refused);
	record_set_number(record, FIELD_SSMB_LARGEST, tree->largest);
}

void
smb_report_tree(struct smb *smb, const struct smb_tree *tree, struct instant at,
		const struct dissect_out *out)
{
	struct telling *telling = &smb->lane->telling;

	telling_begin(telling, EVENT_SMB);
	telling_name(telling, FIELD_SSMB_KIND, "tree");
	tell_version(smb);
	telling_name(telling, FIELD_SMB_COMMAND,
		     command_name(smb, "SMB1_COMMAND_TREE_CONNECT_ANDX",
				  "SMB2_COMMAND_TREE_CONNECT"));
	if (tree->has_share)
		tell_status(telling, tree->status);
	if (smb->session)
		set_session(smb);
	tell_share(telling, tree);
	record_set_flag(&telling->record, FIELD_SSMB_ENCRYPTED, smb->is_encrypted);
	if (tree->is_pipe)
		tell_pipes(telling, tree);
	else
		tell_files(&telling->record, tree);
	record_set_number(&telling->record, FIELD_SSMB_READ, tree->read);
	record_set_number(&telling->record, FIELD_SSMB_WRITTEN, tree->written);
	if (smb->is_lost[0] || smb->is_lost[1])
		telling_hide(telling, "sekisho.smb.files", "loss");
	telling_emit(telling, out, at, true);
}
