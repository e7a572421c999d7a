"""Puts a meeting with its invitees and follow-up jobs into the SQLite file of a running server.

    letters.rows.py DATABASE < '{"invitees": [{"name": …, "mail": …}], "job": "announce"}'
    letters.rows.py DATABASE < '{"meeting": "…", "set": {"starts_at": …}, "job": "meeting_changed"}'

Prints the ids as JSON. For journeys about letters that begin where a meeting exists already.
"""

import json
import sqlite3
import sys
import uuid
from datetime import datetime, timedelta, timezone

asked = json.load(sys.stdin)
db = sqlite3.connect(sys.argv[1], timeout=10)
db.execute("PRAGMA foreign_keys = on")
now = datetime.now(timezone.utc).replace(microsecond=0)


def fresh():
    """An id in order of time, as the program makes them."""
    at = int(datetime.now(timezone.utc).timestamp() * 1000)
    return uuid.UUID(int=(at << 80) | (7 << 76) | (2 << 62) | (uuid.uuid4().int & ((1 << 62) - 1)))


with db:
    people = []
    if "meeting" in asked:
        meeting = uuid.UUID(asked["meeting"])
        for column, value in asked["set"].items():
            db.execute(f"UPDATE meeting SET {column} = ? WHERE meeting_id = ?", (value, meeting.bytes))
    else:
        meeting = fresh()
        (case,) = db.execute("SELECT topic_id FROM topic WHERE stage = 'confirmed' AND town_id = 'shengze' LIMIT 1").fetchone()
        (room,) = db.execute("SELECT room_id FROM room WHERE town_id = 'shengze' LIMIT 1").fetchone()
        (chair,) = db.execute("SELECT account_id FROM account WHERE login = 'shengze.zr'").fetchone()
        starts = (now + timedelta(days=9)).replace(hour=6, minute=0, second=0)
        times = (starts.isoformat(), (starts + timedelta(hours=2)).isoformat(), room)
        db.execute(
            "INSERT INTO meeting (meeting_id, case_id, round, state, format, starts_at, ends_at, room_id, told_starts_at,"
            " told_ends_at, told_room_id, online_url, chair_id, announced_at, urgent, sequence)"
            " VALUES (?, ?, 1, 'announced', 'roundtable', ?, ?, ?, ?, ?, ?, '', ?, ?, 0, 0)",
            (meeting.bytes, case, *times, *times, chair, now.isoformat()),
        )
        for person in asked["invitees"]:
            invitee = fresh()
            people.append(str(invitee))
            db.execute(
                "INSERT INTO invitee (invitee_id, case_id, meeting_id, origin, category, name, organisation, sector, phone,"
                " mail, woman, consent_public, state, reason, opinion, opinion_released, generation, ledger_seq)"
                " VALUES (?, ?, ?, 'listed', 'stakeholder', ?, '', '', '', ?, 0, 0, 'invited', '', '', 0, 0, 0)",
                (invitee.bytes, case, meeting.bytes, person["name"], person["mail"]),
            )
    db.execute(
        "INSERT INTO job (job_id, kind, payload, run_at, attempts) VALUES (?, ?, ?, ?, 0)",
        (fresh().bytes, asked["job"], json.dumps({"meeting": str(meeting)}), now.isoformat()),
    )
print(json.dumps({"meeting": str(meeting), "invitees": people}))
