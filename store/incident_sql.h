/* SPDX-License-Identifier: Apache-2.0 */
/* incident_sql: the question for incidents, which engine's and console's readers share; for store/ only. */
#ifndef STORE_INCIDENT_SQL_H
#define STORE_INCIDENT_SQL_H

#include "store/incidents.h"
#include "store/sqlite.h"

#define ACTOR(a)  "iif(" a ".client = 'unknown', " a ".client_ip, " a ".client)"
#define TARGET(a) "iif(" a ".server = 'unknown', " a ".server_ip, " a ".server)"
#define RANK(a)                                                               \
	"CASE " a ".severity WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN " \
	"'medium' THEN 2 WHEN 'low' THEN 1 ELSE 0 END"
/* ?1, ?2: the scope; ?3: how many; the actor shows to his own side only. */
#define INCIDENTS \
	"WITH member AS (SELECT i.incident, i.first AS begun, " ACTOR( \
	"a") " AS actor," \
	" " RANK( \
	"a") " AS rank, a.* FROM incident_alert i JOIN " \
	"alert a" \
	" ON a.id = i.alert WHERE ?1 OR " \
	"a.client_partition = ?2 OR" \
	" a.server_partition = ?2)," \
	" person AS (SELECT incident, client AS id " \
	"FROM member WHERE client <>" \
	" 'unknown' UNION SELECT incident, server " \
	"FROM member WHERE server <>" \
	" 'unknown')" \
	" SELECT incident, min(begun), max(last), " \
	"count(*), sum(episode = 'open')," \
	" count(DISTINCT rule), (SELECT count(*) " \
	"FROM person p WHERE p.incident =" \
	" member.incident), count(DISTINCT poi), " \
	"max(rank)," \
	" (SELECT iif(?1 OR m.client_partition = ?2, m.actor, '') FROM member m WHERE " \
	"m.incident = member.incident" \
	"  ORDER BY m.begun, m.id LIMIT 1)," \
	" (SELECT m.title_ja FROM member m WHERE " \
	"m.incident = member.incident" \
	"  ORDER BY m.rank DESC, m.begun, m.id LIMIT " \
	"1)," \
	" (SELECT m.title_en FROM member m WHERE " \
	"m.incident = member.incident" \
	"  ORDER BY m.rank DESC, m.begun, m.id LIMIT " \
	"1)" \
	" FROM member GROUP BY incident HAVING " \
	"count(*) > 1" \
	" ORDER BY max(last) DESC, incident LIMIT ?3"

void incident_from_row(sqlite3_stmt *found, struct incident_row *row);

#endif
