//! News of endpoints: noted with what it follows from, a little later queued as one mail. Whoever
//! locks rows of this table locks nothing after them.

use async_trait::async_trait;
use tokio_postgres::Row;

use super::super::{Alerts, Result};
use super::columns::{Json, read};
use super::failure::Done;
use super::query::{Query, params};
use super::transaction::Tx;
use super::{PostgresStore, endpoints};
use crate::domain::alert::{ANSWERS, Alert, News, Noted, Report, UNDELIVERED_PACE, due};
use crate::domain::clock::Timestamp;
use crate::domain::id::{EndpointId, MailId};
use crate::domain::mail::EmailAddress;

#[async_trait]
impl Alerts for PostgresStore {
    async fn alert_due(&self) -> Result<Option<Timestamp>> {
        let noted = self.read(Query::list(
            "-- list_alerts
             SELECT endpoint, news, news_at, alerted_at FROM alerts",
            params![],
            from_row,
        ));
        Ok(due(&noted.await?))
    }

    async fn queue_alert(&self, recipients: &[EmailAddress], now: Timestamp) -> Result<usize> {
        self.write((recipients.to_vec(), now), |tx, (recipients, now)| {
            Box::pin(queue(tx, recipients, *now))
        })
        .await
    }
}

/// Older news of the same endpoint makes way.
pub(super) fn note(tx: &mut Tx, endpoint: EndpointId, news: News, now: Timestamp) {
    match news {
        News::Failing | News::Disabled => tx.write(
            "-- note_trouble
             INSERT INTO alerts AS a (endpoint, news, news_at) VALUES ($1, $2, $3)
             ON CONFLICT (endpoint) DO UPDATE
             SET news = excluded.news, news_at = coalesce(a.news_at, excluded.news_at)",
            params![endpoint, news, now],
        ),
        News::Undelivered => tx.write(
            "-- note_undelivered
             INSERT INTO alerts AS a (endpoint, news, news_at, undelivered_at)
             VALUES ($1, 'undelivered', $2, $2)
             ON CONFLICT (endpoint) DO UPDATE
             SET news = coalesce(a.news, excluded.news),
                 news_at = coalesce(a.news_at, excluded.news_at),
                 undelivered_at = excluded.undelivered_at
             WHERE a.undelivered_at IS NULL OR a.undelivered_at <= $3",
            params![endpoint, now, now.minus(UNDELIVERED_PACE)],
        ),
        // Whoever never heard that it failed need not hear that it does no more; only what did not
        // arrive meanwhile is still news.
        News::Recovered => tx.write(
            "-- note_recovery
             UPDATE alerts
             SET news = CASE WHEN alarmed THEN 'recovered'
                             WHEN undelivered_at >= news_at THEN 'undelivered' END,
                 news_at = CASE WHEN alarmed THEN coalesce(news_at, $2)
                                WHEN undelivered_at >= news_at THEN news_at END
             WHERE endpoint = $1",
            params![endpoint, now],
        ),
    }
}

fn from_row(row: &Row) -> Done<Noted> {
    let news: Option<News> = read(row, 1)?;
    let since: Option<Timestamp> = read(row, 2)?;
    Ok(Noted { endpoint: read(row, 0)?, news: news.zip(since), alerted_at: read(row, 3)? })
}

/// All rows, so that of several who queue at once only the first finds news.
fn lock() -> Query<Vec<Noted>> {
    Query::list(
        "-- lock_alerts
         SELECT endpoint, news, news_at, alerted_at FROM alerts ORDER BY endpoint FOR NO KEY UPDATE",
        params![],
        from_row,
    )
}

async fn queue(tx: &mut Tx, recipients: &[EmailAddress], now: Timestamp) -> Done<usize> {
    let noted = tx.ask(lock()).await?;
    if due(&noted).is_none_or(|due| due > now) {
        return Ok(0);
    }
    let mut reports = Vec::new();
    for (endpoint, news) in noted.iter().filter_map(|it| Some((it.endpoint, it.news?.0))) {
        let report = report(tx, endpoint, news).await?;
        let told = report.is_some();
        tx.write_one(
            "-- settle_news
             UPDATE alerts
             SET news = NULL, news_at = NULL, alarmed = coalesce($2, alarmed),
                 alerted_at = coalesce($3, alerted_at)
             WHERE endpoint = $1",
            params![endpoint, news.alarms().filter(|_| told), told.then_some(now)],
        );
        reports.extend(report);
    }
    if reports.is_empty() {
        return Ok(0);
    }
    let alert = Alert { at: now, endpoints: reports };
    for recipient in recipients {
        let id = MailId::new(now, tx.random())?;
        tx.write_one(
            "-- insert_alert
             INSERT INTO mails (id, kind, recipient, status, due_at, created_at, alert)
             VALUES ($1, 'alert', $2, 'pending', $3, $3, $4)",
            params![id, recipient.clone(), now, Json(alert.clone())],
        );
    }
    Ok(recipients.len())
}

async fn report(tx: &mut Tx, id: EndpointId, news: News) -> Done<Option<Report>> {
    let (endpoint, undelivered, failures) = tx
        .ask3(endpoints::find(id), endpoints::count(id), endpoints::failures(id, ANSWERS))
        .await?;
    Ok(endpoint.and_then(|endpoint| {
        Report::of(&endpoint, news, undelivered.unwrap_or_default(), failures)
    }))
}
