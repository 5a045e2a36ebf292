"""What is asked in SQL, and how DuckDB is asked for the same of a table e with plain columns."""

PAIRS = {
    "names": (
        "select event, count() from events group by event",
        "select event, count(*) from e group by 1",
    ),
    "days": (
        "select toStartOfDay(timestamp) as day, uniq(person_id) from events group by day order by day",
        "select date_trunc('day', ts), count(distinct person) from e group by 1 order by 1",
    ),
    "weeks": (
        "select toStartOfWeek(timestamp) as w, count() from events where event = 'commit' group by w order by w",
        "select date_trunc('week', ts)::date, count(*) from e where event = 'commit' group by 1 order by 1",
    ),
    "shares": (
        "select tool, countIf(event = 'test_passed') / count() as share from events group by tool having share < 1",
        "select tool, (count(*) filter (event = 'test_passed')) / count(*) s from e group by 1 having s < 1",
    ),
    "numbers of a property": (
        "select agent, sum(properties.duration_ms), avg(properties.duration_ms), min(properties.duration_ms),"
        " max(properties['duration_ms']), stddevPop(properties.duration_ms) from events group by agent",
        "select agent, sum(ms), avg(ms), min(ms), max(ms), stddev_pop(ms) from e group by 1",
    ),
    "quantiles": (
        "select event, median(properties.duration_ms), quantile(0.9)(properties.duration_ms),"
        " quantileIf(0.25)(properties.duration_ms, properties.succeeded) from events group by event",
        "select event, quantile_cont(ms, 0.5), quantile_cont(ms, 0.9), quantile_cont(ms, 0.25) filter (ok)"
        " from e group by 1",
    ),
    "conditions": (
        "select countIf(properties.succeeded), uniqIf(session_id, tool is null), sumIf(properties.duration_ms, event in"
        " ('edit', 'commit')), avgIf(properties.duration_ms, not properties.succeeded), count(distinct arc_id)"
        " from events",
        "select count(*) filter (ok), count(distinct session) filter (tool is null), sum(ms) filter (event in"
        " ('edit', 'commit')), avg(ms) filter (not ok), count(distinct arc) from e",
    ),
    "typed properties": (
        "select id from events where properties.duration_ms >= 40.5 and properties.succeeded = true"
        " and properties.intent = 'bug_fix' and properties.tool = 'Bash'",
        "select id from e where ms >= 40.5 and ok and intent = 'bug_fix' and tool = 'Bash'",
    ),
    "choices": (
        "select if(event = 'edit', 'e', 'o') as a, multiIf(properties.duration_ms > 1000, 3, "
        "properties.duration_ms > 5, 2, 1) as b, ifNull(tool, 'none') as c, count() from events group by a, b, c",
        "select if(event = 'edit', 'e', 'o') a, case when ms > 1000 then 3 when ms > 5 then 2 else 1 end b,"
        " coalesce(tool, 'none') c, count(*) from e group by 1, 2, 3",
    ),
    "with and join": (
        "with busy as (select person_id, count() as n from events group by person_id having n > 5) select e.event,"
        " count() as c from events e join busy b on b.person_id = e.person_id where b.n < 1000 group by e.event",
        "with busy as (select person, count(*) n from e group by 1 having n > 5) select e.event, count(*) from e"
        " join busy b on b.person = e.person where b.n < 1000 group by 1",
    ),
    "left join": (
        "select a.event, count(b.id) from events a left join events b on a.arc_id = b.arc_id and b.event = 'commit'"
        " group by a.event",
        "select a.event, count(b.id) from e a left join e b on a.arc = b.arc and b.event = 'commit' group by 1",
    ),
    "sub-queries": (
        "select event, (select count() from events i where i.event = o.event) as n from events o where person_id in"
        " (select person_id from events where event = 'commit') and not exists (select 1 from events x where"
        " x.id = o.id and x.tool = 'Bash') and event not in (select 'edit')",
        "select event, (select count(*) from e i where i.event = o.event) from e o where person in (select person"
        " from e where event = 'commit') and (tool is null or tool <> 'Bash') and event <> 'edit'",
    ),
    "union": (
        "select event as x, count() as n from events group by x union all select tool, count() from events group by 1"
        " order by n desc, x limit 4",
        "select event x, count(*) n from e group by 1 union all select tool, count(*) from e group by 1"
        " order by n desc, x nulls last limit 4",
    ),
    "windows": (
        "select id, row_number() over (partition by person_id order by timestamp, id) as r, sum(properties.duration_ms)"
        " over (order by id rows between 2 preceding and current row) from events",
        "select id, row_number() over (partition by person order by ts, id), sum(ms) over (order by id rows between"
        " 2 preceding and current row) from e",
    ),
    "first and last": (
        "select person_id, argMax(event, id), argMin(event, id), max(timestamp) from events group by person_id",
        "select person, arg_max(event, id), arg_min(event, id), max(ts) from e group by 1",
    ),
    "texts": (
        "select distinct upper(event), length(event), substring(event, 1, 3), concat(event, '-', tool), event || '!',"
        " startsWith(event, 'te'), position(event, 't'), replaceAll(event, 't', 'T'), split_part(event, '_', 1),"
        " match(event, '^t.*d$'), event like 'c%', event ilike 'C%', empty(tool), left(event, 2) from events",
        "select distinct upper(event), length(event), event[1:3], concat(event, '-', tool), event || '!',"
        " starts_with(event, 'te'), instr(event, 't'), replace(event, 't', 'T'), split_part(event, '_', 1),"
        " regexp_matches(event, '^t.*d$'), event like 'c%', event ilike 'C%', tool is null, event[1:2] from e",
    ),
    "reckoning": (
        "select distinct d, round(d / 7, 2), floor(d / 7), intDiv(d, 7), toInt(d) % 7, pow(d, 2), -d, abs(1 - d),"
        " d * 2 + 1 from (select properties.duration_ms as d from events) q where d between 1 and 2000",
        "select distinct ms, round(ms / 7, 2), floor(ms / 7), floor(ms / 7)::int, floor(ms)::int % 7, ms * ms, -ms,"
        " abs(1 - ms), ms * 2 + 1 from e where ms between 1 and 2000",
    ),
    "times": (
        "select id, toHour(timestamp), toDayOfWeek(timestamp), toDate(timestamp), dateDiff('day', timestamp,"
        " toDateTime('2026-03-09 00:00:00+00')), toUnixTimestamp(timestamp), timestamp + interval 2 hour,"
        " toStartOfFifteenMinutes(timestamp), addDays(timestamp, 3), extract(month from timestamp) from events",
        "select id, hour(ts), isodow(ts), ts::date, datediff('day', ts, timestamp '2026-03-09'), epoch(ts)::bigint,"
        " ts + interval 2 hour, time_bucket(interval '15 minutes', ts), ts + interval 3 day, month(ts) from e",
    ),
    "order": (
        "select event, id from events order by event desc, id limit 7 offset 3",
        "select event, id from e order by event desc, id limit 7 offset 3",
    ),
}  # fmt: skip
