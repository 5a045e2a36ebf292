"""The statements of the seeder. Chance is hashes of running numbers, so that the same rows come out each time."""

FUNCTIONS = """
CREATE FUNCTION pg_temp.share(n bigint, salt bigint) RETURNS double precision LANGUAGE sql IMMUTABLE
    AS $$ SELECT (hashint8extended(n, salt) & 4294967295)::double precision / 4294967296 $$;
CREATE FUNCTION pg_temp.pick(n bigint, salt bigint, choices text[]) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT choices[1 + floor(pg_temp.share(n, salt) * cardinality(choices))::int] $$;
CREATE FUNCTION pg_temp.event_id(session bigint, k bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    AS $$ SELECT md5('event ' || session || ' ' || k)::uuid $$;
CREATE FUNCTION pg_temp.arc_id(session bigint, arc bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    AS $$ SELECT md5('arc ' || session || ' ' || arc)::uuid $$;
"""

PROSE = "CREATE TEMP TABLE prose (page bigint PRIMARY KEY, words text NOT NULL)"

# Few sessions are long: the sizes are those of a stretched exponential with a mean of about 100.
PLAN = """
CREATE TEMP TABLE plan AS
SELECT n, sized.size, sized.arcs, md5('session ' || n)::uuid::text AS id, $1::uuid AS org_id,
    ($2::uuid[])[1 + floor(pg_temp.share(n, 1) ^ 3 * cardinality($2))::int] AS user_id,
    $5::timestamptz - $6::interval * (1 - (n - $3::bigint + pg_temp.share(n, 2)) / $4::bigint) AS started_at,
    interval '1 s' * round(5 + 40 * pg_temp.share(n, 3)) AS gap
FROM generate_series($3::bigint, $3::bigint + $4::bigint - 1) AS n
CROSS JOIN LATERAL (
    SELECT 8 + round(64.5 * (-ln(1 - pg_temp.share(n, 4))) ^ 1.6)::bigint AS size,
        1 + floor(4 * pg_temp.share(n, 5))::bigint AS arcs
) AS sized
"""

_SESSIONS = """
INSERT INTO sessions (org_id, id, user_id, source_service, project, branch, title, started_at, ended_at,
    idle_ended_at, last_activity_at, event_count, decision_count, prompt_count, tool_call_count, tool_error_count,
    input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, ai_attribution_pct, metadata,
    created_at, updated_at)
SELECT org_id, id, user_id, pg_temp.pick(n, 10, '{claude-code,claude_code,codex,gemini-cli}'),
    '/home/dev/project-' || n % 17, pg_temp.pick(n, 11, '{main,main,develop,fix/login,feature/export}'),
    left(prose.words, 40), started_at,
    CASE WHEN n % 3 = 0 THEN started_at + gap * (size - 1) END,
    CASE WHEN n % 3 > 0 THEN started_at + gap * (size - 1) END,
    started_at + gap * (size - 1), size, n % 3, 1 + size / 9, size / 3, size / 40,
    size * 900, size * 210, size * 24000, size * 1700, round((size * 0.0137)::numeric, 6),
    round(pg_temp.share(n, 12) * 1000) / 10,
    jsonb_build_object('cwd', '/home/dev/project-' || n % 17, 'repoUrl', 'https://git.example/team/project-' || n % 17),
    started_at + interval '2 s', started_at + gap * size
FROM plan JOIN pg_temp.prose ON prose.page = n % 512
"""

_SESSION_IDS = "INSERT INTO session_ids (digest) SELECT sha256(id::bytea) FROM plan"

_EVENTS = """
INSERT INTO events (org_id, session_id, ts, id, user_id, created_at, kind, ordinal, call_id, request_id, tool, path,
    exit_code, succeeded, duration_ms, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
    cost_usd, lines_added, lines_removed, actor, attribution, confidence, observability, source, data, raw_digest)
SELECT org_id, plan.id, at, pg_temp.event_id(n, k), user_id, at + interval '2 s', kind, 0,
    CASE WHEN kind IN ('tool_use', 'tool_result', 'command', 'file_diff', 'test_run')
        THEN 'toolu_' || left(md5(n || ' ' || k / 2), 24) END,
    CASE WHEN kind = 'api_request' THEN 'req_' || left(md5(n || ' ' || k), 24) END,
    CASE WHEN kind IN ('tool_use', 'tool_result') THEN pg_temp.pick(g, 20, '{Read,Edit,Bash,Grep,Write,Task}')
        WHEN kind IN ('command', 'test_run') THEN 'Bash' WHEN kind = 'file_diff' THEN 'Edit' END,
    CASE WHEN kind = 'file_diff' THEN file END,
    CASE WHEN kind IN ('command', 'test_run') THEN (g % 9 = 0)::int END,
    CASE WHEN kind IN ('command', 'test_run', 'tool_result') THEN g % 9 > 0 END,
    CASE WHEN kind IN ('command', 'test_run', 'api_request') THEN floor(share * 30000) END,
    CASE WHEN kind IN ('api_request', 'ai_response') THEN model END,
    CASE WHEN kind = 'api_request' THEN floor(share * 3000) END,
    CASE WHEN kind = 'api_request' THEN floor(share * 900) END,
    CASE WHEN kind = 'api_request' THEN floor(share * 90000) END,
    CASE WHEN kind = 'api_request' THEN floor(share * 7000) END,
    CASE WHEN kind = 'api_request' THEN round((share * 0.09)::numeric, 6) END,
    CASE WHEN kind = 'file_diff' THEN floor(share * 60) END,
    CASE WHEN kind = 'file_diff' THEN floor(share * 25) END,
    CASE WHEN kind = 'prompt' THEN 'human' ELSE 'ai' END,
    CASE WHEN kind = 'file_diff' THEN 'likely_ai' ELSE 'unknown' END,
    0.5 + 0.01 * (g % 40), 'high', '{"channel": "import", "integration": "claude-code", "emitter": "transcript"}',
    CASE kind
        WHEN 'prompt' THEN jsonb_build_object('text', body, 'tokenCount', length(body) / 4)
        WHEN 'ai_response' THEN jsonb_build_object('text', body, 'model', model)
        WHEN 'api_request' THEN jsonb_build_object('model', model, 'stopReason', 'tool_use', 'inputTokens',
            floor(share * 3000), 'outputTokens', floor(share * 900), 'speed', round(share::numeric, 3), 'note', body)
        WHEN 'file_diff' THEN jsonb_build_object('path', file, 'diff', body, 'linesAdded', floor(share * 60),
            'linesRemoved', floor(share * 25), 'toolName', 'Edit')
        WHEN 'tool_use' THEN jsonb_build_object('toolName', pg_temp.pick(g, 20, '{Read,Edit,Bash,Grep,Write,Task}'),
            'input', jsonb_build_object('file_path', file, 'pattern', body, 'limit', g % 500))
        WHEN 'tool_result' THEN jsonb_build_object('success', g % 9 > 0, 'output', body)
        ELSE jsonb_build_object('command', left(body, 60), 'exitCode', (g % 9 = 0)::int, 'stdout', body,
            'durationMs', floor(share * 30000))
    END,
    CASE WHEN g % 10 = 0 THEN sha256(pg_temp.event_id(n, k)::text::bytea) END
FROM plan
CROSS JOIN LATERAL generate_series(0, size - 1) AS k
CROSS JOIN LATERAL (SELECT n * 5000 + k AS g, started_at + gap * k AS at,
    k * arcs / size <> (k - 1) * arcs / size OR k % 9 = 0 AS asks) AS placed
CROSS JOIN LATERAL (SELECT pg_temp.share(g, 21) AS share) AS diced
CROSS JOIN LATERAL (SELECT
    pg_temp.pick(g, 22, '{opus-4,opus-4,sonnet-4,haiku-4}') AS model,
    '/home/dev/project-' || n % 17 || '/src/part_' || g % 23 || '.py' AS file,
    CASE WHEN asks THEN 'prompt' WHEN share < 0.25 THEN 'api_request' WHEN share < 0.4 THEN 'ai_response'
        WHEN share < 0.6 THEN 'tool_use' WHEN share < 0.75 THEN 'tool_result' WHEN share < 0.87 THEN 'command'
        WHEN share < 0.96 THEN 'file_diff' ELSE 'test_run' END AS kind) AS chosen
JOIN pg_temp.prose ON prose.page = hashint8(g) & 511
CROSS JOIN LATERAL (SELECT left(prose.words, 130 + floor(520 * pg_temp.share(g, 23))::int) AS body) AS cut
"""

# One in ten: what is there costs nothing in the reads measured here, and a whole log would double the database.
_RAW = """
INSERT INTO raw_payloads (org_id, session_id, digest, user_id, format, position, body, received_at)
SELECT org_id, session_id, raw_digest, user_id, 'claude-code', row_number() OVER (PARTITION BY session_id ORDER BY ts),
    data::text, created_at
FROM events WHERE org_id = (SELECT app_org()) AND raw_digest IS NOT NULL
"""

_ARCS = """
INSERT INTO sub_sessions (org_id, id, user_id, session_id, project, started_at, ended_at, last_event_at,
    first_prompt_at, state, close_reason, merged_into_id, fragment_ids, turn_count, net_loc, lines_added,
    lines_removed, mutating_tool_calls, read_only_tool_calls, tool_errors, input_tokens, output_tokens,
    cache_read_tokens, cache_write_tokens, cost_usd, substance_floor_passed, excluded_reason, excluded_detail,
    judge_status, intent, intent_confidence, habits, letter_grade, grade_points, goal_complete,
    completion_confidence, explicit_acceptance, goal_completed_at, rationale, rework_kind, reworked_by_id,
    reworked_at, qualifying, crushed, title, summary, title_source, prompt_ids, commit_refs, revert_refs, evidence,
    ruleset_version, judge_version, updated_at)
SELECT org_id, pg_temp.arc_id(n, a), user_id, plan.id, '/home/dev/project-' || n % 17, started_at + gap * low,
    started_at + gap * high, started_at + gap * high, started_at + gap * low, state,
    CASE WHEN a = arcs - 1 THEN 'session_end' ELSE pg_temp.pick(g, 30, '{clear,topic_shift}') END,
    CASE WHEN state = 'merged' THEN pg_temp.arc_id(n, a - 1) END,
    CASE WHEN state = 'merged' THEN '{}'::uuid[] ELSE ARRAY[pg_temp.arc_id(n, a)] END,
    1 + (high - low) / 9, g % 300, g % 400, g % 100, 1 + g % 30, g % 40, g % 5, g % 9000, g % 4000, g % 900000,
    g % 50000, round((share * 3)::numeric, 6), state <> 'excluded',
    CASE WHEN state = 'excluded' THEN pg_temp.pick(g, 31, '{no_real_work,too_few_turns,too_few_lines}') END,
    CASE WHEN state = 'excluded' THEN 'too little was done' END,
    CASE WHEN state = 'excluded' THEN 'skipped' ELSE 'ok' END,
    CASE WHEN state = 'scored' THEN pg_temp.pick(g, 32,
        '{question,investigation,review,plan,small_change,bug_fix,feature,refactor}') END,
    CASE WHEN state = 'scored' THEN round((0.5 + share / 2)::numeric, 2)::float END,
    jsonb_build_object('goal_explicit', g % 3 > 0, 'scope_bounded', g % 2 = 0, 'references_concrete', g % 5 > 1,
        'context_sufficient', g % 4 > 0, 'verification_requested', g % 7 > 2,
        'root_cause_oriented', CASE WHEN g % 3 = 0 THEN g % 2 = 0 END,
        'plan_first', CASE WHEN g % 2 = 0 THEN g % 3 = 0 END),
    pg_temp.pick(g, 33, '{A+,A,A-,B+,B,B-,C+,C,D,F}'), round(share * 1000) / 10,
    CASE WHEN state = 'scored' THEN done END,
    CASE WHEN state = 'scored' THEN round((0.4 + share * 0.6)::numeric, 2)::float END, g % 6 = 0,
    CASE WHEN state = 'scored' AND done THEN started_at + gap * high END, left(prose.words, 120),
    CASE WHEN reworked THEN pg_temp.pick(g, 34, '{revert,rewrite,deletion}') END,
    CASE WHEN reworked THEN pg_temp.arc_id(n, a + 1) END, CASE WHEN reworked THEN started_at + gap * high END,
    state = 'scored', state = 'scored' AND done AND NOT reworked,
    left(prose.words, 55), left(prose.words, 180), pg_temp.pick(g, 35, '{heuristic,heuristic,rubric}'),
    ARRAY(SELECT pg_temp.event_id(n, k) FROM generate_series(low, high) k WHERE k = low OR k % 9 = 0),
    CASE WHEN g % 4 = 0 THEN ARRAY[left(md5(g::text), 12)] ELSE '{}'::text[] END, '{}',
    jsonb_build_array(
        jsonb_build_object('verdict', 'outcome', 'criterion', 'acceptance', 'points', 30,
            'event_ids', jsonb_build_array(pg_temp.event_id(n, high)), 'quote', left(prose.words, 60)),
        jsonb_build_object('verdict', 'outcome', 'criterion', 'tests_passed', 'points', 25,
            'event_ids', jsonb_build_array(pg_temp.event_id(n, low), pg_temp.event_id(n, high)), 'quote', null),
        jsonb_build_object('verdict', 'intent', 'criterion', 'verb', 'points', 0,
            'event_ids', jsonb_build_array(pg_temp.event_id(n, low)), 'quote', left(prose.words, 24))),
    'invented', 'invented', started_at + gap * high
FROM plan
CROSS JOIN LATERAL generate_series(0, arcs - 1) AS a
CROSS JOIN LATERAL (SELECT n * 4 + a AS g, (a * size + arcs - 1) / arcs AS low,
    ((a + 1) * size + arcs - 1) / arcs - 1 AS high) AS placed
CROSS JOIN LATERAL (SELECT pg_temp.share(g, 36) AS share, pg_temp.share(g, 37) < 0.62 AS done,
    a < arcs - 1 AND pg_temp.share(g, 38) < 0.06 AS reworked,
    CASE WHEN a > 0 AND pg_temp.share(g, 39) < 0.05 THEN 'merged' WHEN pg_temp.share(g, 39) < 0.2 THEN 'excluded'
        ELSE 'scored' END AS state) AS diced
JOIN pg_temp.prose ON prose.page = hashint8(g) & 511
"""

_FILES = """
INSERT INTO sub_session_files (org_id, sub_session_id, path, user_id, session_id, lines_added, lines_removed, created,
    deleted, restored, added_lines, removed_lines)
SELECT org_id, arc.id, project || '/src/part_' || file || '.py', user_id, session_id, 12 * file, 3 * file, file = 1,
    false, false,
    ARRAY(SELECT hashint8extended(line, file) FROM generate_series(turn_count * 100, turn_count * 100 + 11) line),
    ARRAY(SELECT hashint8extended(line, file) FROM generate_series(turn_count * 10, turn_count * 10 + 2) line)
FROM sub_sessions arc CROSS JOIN LATERAL generate_series(1, 1 + net_loc % 3) AS file
WHERE org_id = (SELECT app_org())
"""

_FLAGS = """
INSERT INTO integrity_flags (org_id, id, user_id, session_id, sub_session_id, kind, created_at, severity, detail,
    event_ids)
SELECT org_id, md5(id || ' flag')::uuid, user_id, session_id, id,
    (ARRAY['auto_retry_storm', 'tiny_prompt_burst', 'fragmentation_merge'])[1 + turn_count % 3], started_at, 'warn',
    'seven calls alike within a minute', prompt_ids[1:2]
FROM sub_sessions WHERE org_id = (SELECT app_org()) AND net_loc % 12 = 0
"""

_LABELS = """
INSERT INTO label_edits (org_id, sub_session_id, user_id, title, summary, edited_at)
SELECT org_id, id, user_id, 'mine: ' || left(title, 40), NULL, last_event_at
FROM sub_sessions WHERE org_id = (SELECT app_org()) AND net_loc % 50 = 0
"""

_LIVE = """
INSERT INTO live_events (org_id, user_id, at, name, session_id, sub_session_id, payload)
SELECT org_id, user_id, started_at, 'prism.score_v3.sub_session.' || change, session_id, id,
    jsonb_build_object('event', 'prism.score_v3.sub_session.' || change, 'sub_session_id', id, 'claude_session_id',
        session_id, 'state', state, 'title', title, 'letter_grade', letter_grade)
FROM sub_sessions CROSS JOIN LATERAL unnest('{opened,updated,closed,scored}'::text[]) AS change
WHERE org_id = (SELECT app_org())
"""

_JOBS = """
INSERT INTO jobs (org_id, kind, key, user_id, state, revision, done_revision, version, changed_at)
SELECT org_id, 'derive_session', id, user_id, 'idle', 3, 3, 'invented', started_at + gap * size FROM plan
"""

# Of each session one day, with a prompt for every tenth event and an arc's effort in three.
_DAYS = """
INSERT INTO session_days (org_id, user_id, day, session_id, runs, asked_at, reset_at, used_at, used, prompts, took)
SELECT org_id, user_id, (started_at AT TIME ZONE 'UTC')::date, id, ARRAY[begun, begun + 1800000, begun + 2100000],
    ARRAY(SELECT begun + k * 60000 FROM generate_series(0, size / 10) k),
    CASE WHEN n % 5 = 0 THEN ARRAY[begun + 900000] ELSE '{}'::int[] END,
    ARRAY(SELECT begun + k * 30000 FROM generate_series(0, size / 5) k),
    ARRAY(SELECT 4000 + n % 700 + k FROM generate_series(0, size / 5) k),
    (SELECT jsonb_agg(jsonb_build_array(jsonb_build_array(k % 10, n % 10, 5, 7), 9000, 20000, k % 7 = 0))
        FROM generate_series(0, size / 10) k),
    (SELECT jsonb_agg(jsonb_build_array(begun + k * 300000, 30000 + n % 900, 4, 240, 9)) FROM generate_series(0, 2) k)
FROM plan CROSS JOIN LATERAL (SELECT 1000 * (n % 80000) AS begun) AS at
"""

_SUMMARIES = """
INSERT INTO session_summaries (org_id, session_id, user_id, started_at, ended_at, turn_count, file_count, lines_added,
    lines_removed, focus_ms, key_turns)
SELECT org_id, id, user_id, started_at, started_at + gap * size, 1 + size / 10, 1 + n % 9, n % 400, n % 100,
    60000 * (n % 90), '[]'
FROM plan
"""

_PARTS = """
INSERT INTO session_parts (org_id, session_id, user_id, files, tools, models, agents, turns)
SELECT org_id, id, user_id, '[]', '[]', '[]', '[]', '[]' FROM plan
"""

ROWS = (_DAYS, _SUMMARIES, _PARTS, _SESSIONS, _SESSION_IDS, _EVENTS, _RAW, _ARCS, _FILES, _FLAGS, _LABELS, _LIVE, _JOBS)
