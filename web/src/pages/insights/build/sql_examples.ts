/** Statements to begin with: each works as it stands. */
export const EXAMPLES: readonly { title: string; statement: string }[] = [
  {
    title: 'What models cost, and what came of it',
    statement: `select properties.model as model,
       round(sum(properties.cost_usd), 2) as usd,
       uniq(arc_id) as arcs,
       uniqIf(arc_id, event = 'arc_crushed') as crushed
from events
group by model
having usd > 0
order by usd desc`,
  },
  {
    title: 'Share of goals that were crushed, by project',
    statement: `select project, count() as arcs, countIf(crushed) / count() as share
from arcs
where qualifying
group by project
order by arcs desc`,
  },
  {
    title: 'How often a day ends green, by agent',
    statement: `select toStartOfDay(timestamp) as day, agent,
       countIf(event = 'test_passed')
         / nullIf(countIf(event in ('test_passed', 'test_failed')), 0) as green
from events
where timestamp > now() - interval 30 day
group by day, agent
order by day`,
  },
  {
    title: 'How long the slowest tenth of commands takes, by tool',
    statement: `select tool, count() as calls,
       quantile(0.9)(properties.duration_ms) as slow_ms
from events
where properties.duration_ms is not null and tool is not null
group by tool
order by slow_ms desc
limit 20`,
  },
  {
    title: 'Prompts by the hour of the day',
    statement: `select toHour(timestamp) as hour, count() as prompts
from events
where event = 'prompt' and {filters}
group by hour
order by hour`,
  },
]
