"""Thresholds of insights, alerts, and what became of each.

Revision ID: 0035
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE insight_thresholds (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    insight_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    lower DOUBLE PRECISION,
    upper DOUBLE PRECISION,
    created_by UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX insight_thresholds_of_insight ON insight_thresholds (org_id, insight_id, created_at, id);

CREATE TABLE insight_alerts (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    insight_id INTEGER NOT NULL,
    threshold_id UUID NOT NULL,
    user_id UUID,
    name TEXT,
    enabled BOOLEAN NOT NULL,
    condition TEXT NOT NULL,
    watch JSONB NOT NULL,
    interval TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    skip_weekend BOOLEAN NOT NULL,
    hook JSONB,
    state TEXT NOT NULL,
    value DOUBLE PRECISION,
    reason TEXT,
    snoozed_until TIMESTAMP WITH TIME ZONE,
    checked_at TIMESTAMP WITH TIME ZONE,
    next_at TIMESTAMP WITH TIME ZONE NOT NULL,
    tries SMALLINT NOT NULL,
    created_by UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, threshold_id) REFERENCES insight_thresholds (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
);
CREATE INDEX insight_alerts_of_threshold ON insight_alerts (org_id, threshold_id);
CREATE INDEX insight_alerts_of_insight ON insight_alerts (org_id, insight_id);
CREATE INDEX insight_alerts_of_user ON insight_alerts (org_id, user_id);
CREATE INDEX insight_alerts_recent ON insight_alerts (org_id, created_at DESC, id DESC);
CREATE INDEX insight_alerts_due ON insight_alerts (org_id, next_at) WHERE enabled;

CREATE TABLE insight_alert_subscribers (
    org_id UUID NOT NULL,
    alert_id UUID NOT NULL,
    user_id UUID NOT NULL,
    PRIMARY KEY (org_id, alert_id, user_id),
    FOREIGN KEY (org_id, alert_id) REFERENCES insight_alerts (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
);
CREATE INDEX insight_alert_subscribers_of_user ON insight_alert_subscribers (org_id, user_id);

CREATE TABLE insight_alert_feeds (
    org_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    pruned_seq BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (org_id)
);

CREATE TABLE insight_alert_changes (
    org_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    alert_id UUID NOT NULL,
    user_id UUID,
    kind TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    before TEXT NOT NULL,
    state TEXT NOT NULL,
    value DOUBLE PRECISION,
    reason TEXT,
    PRIMARY KEY (org_id, seq)
);
CREATE INDEX insight_alert_changes_of_alert ON insight_alert_changes (org_id, alert_id, seq);
CREATE INDEX insight_alert_changes_of_user ON insight_alert_changes (org_id, user_id);
CREATE INDEX insight_alert_changes_over ON insight_alert_changes (org_id, at) WHERE kind = 'deleted'
"""

_NAMES = (
    "insight_thresholds",
    "insight_alerts",
    "insight_alert_subscribers",
    "insight_alert_feeds",
    "insight_alert_changes",
)


def upgrade() -> None:
    for statement in _TABLES.split(";\n"):
        op.execute(statement)
    for table in _NAMES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING (org_id = (SELECT app_org()))")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO goalarc_app")


def downgrade() -> None:
    for table in reversed(_NAMES):
        op.execute(f"DROP TABLE {table}")
