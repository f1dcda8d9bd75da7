//! News of endpoints: noted with what it follows from, a little later queued as one mail.

use async_trait::async_trait;
use rusqlite::Connection;

use super::super::{Alerts, Result};
use super::columns::Json;
use super::transaction::Tx;
use super::{SqliteStore, endpoints};
use crate::domain::alert::{ANSWERS, Alert, News, Noted, Report, UNDELIVERED_PACE, due};
use crate::domain::clock::Timestamp;
use crate::domain::id::{EndpointId, MailId};
use crate::domain::mail::EmailAddress;

#[async_trait]
impl Alerts for SqliteStore {
    async fn alert_due(&self) -> Result<Option<Timestamp>> {
        self.read(|connection| Ok(due(&noted(connection)?)))
    }

    async fn queue_alert(&self, recipients: &[EmailAddress], now: Timestamp) -> Result<usize> {
        let recipients = recipients.to_vec();
        self.write(move |tx| queue(tx, &recipients, now)).await
    }
}

/// Older news of the same endpoint makes way.
pub(super) fn note(tx: &Tx<'_>, endpoint: EndpointId, news: News, now: Timestamp) -> Result<()> {
    match news {
        News::Failing | News::Disabled => tx
            .prepare_cached(
                "-- note_trouble
                 INSERT INTO alerts (endpoint, news, news_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (endpoint) DO UPDATE
                 SET news = excluded.news, news_at = coalesce(news_at, excluded.news_at)",
            )?
            .execute((endpoint, news, now))?,
        News::Undelivered => tx
            .prepare_cached(
                "-- note_undelivered
                 INSERT INTO alerts (endpoint, news, news_at, undelivered_at)
                 VALUES (?1, 'undelivered', ?2, ?2)
                 ON CONFLICT (endpoint) DO UPDATE
                 SET news = coalesce(news, excluded.news),
                     news_at = coalesce(news_at, excluded.news_at),
                     undelivered_at = excluded.undelivered_at
                 WHERE undelivered_at IS NULL OR undelivered_at <= ?3",
            )?
            .execute((endpoint, now, now.minus(UNDELIVERED_PACE)))?,
        // Whoever never heard that it failed need not hear that it does no more; only what did not
        // arrive meanwhile is still news.
        News::Recovered => tx
            .prepare_cached(
                "-- note_recovery
                 UPDATE alerts
                 SET news = CASE WHEN alarmed = 1 THEN 'recovered'
                                 WHEN undelivered_at >= news_at THEN 'undelivered' END,
                     news_at = CASE WHEN alarmed = 1 THEN coalesce(news_at, ?2)
                                    WHEN undelivered_at >= news_at THEN news_at END
                 WHERE endpoint = ?1",
            )?
            .execute((endpoint, now))?,
    };
    Ok(())
}

fn noted(connection: &Connection) -> Result<Vec<Noted>> {
    let mut statement = connection.prepare_cached(
        "-- list_alerts\nSELECT endpoint, news, news_at, alerted_at FROM alerts ORDER BY endpoint",
    )?;
    let noted = statement.query_map([], |row| {
        let news: Option<News> = row.get(1)?;
        let since: Option<Timestamp> = row.get(2)?;
        Ok(Noted { endpoint: row.get(0)?, news: news.zip(since), alerted_at: row.get(3)? })
    })?;
    Ok(noted.collect::<rusqlite::Result<_>>()?)
}

fn queue(tx: &Tx<'_>, recipients: &[EmailAddress], now: Timestamp) -> Result<usize> {
    let noted = noted(tx)?;
    if due(&noted).is_none_or(|due| due > now) {
        return Ok(0);
    }
    let mut reports = Vec::new();
    for (endpoint, news) in noted.iter().filter_map(|it| Some((it.endpoint, it.news?.0))) {
        let report = report(tx, endpoint, news)?;
        let told = report.is_some();
        tx.prepare_cached(
            "-- settle_news
             UPDATE alerts
             SET news = NULL, news_at = NULL, alarmed = coalesce(?2, alarmed),
                 alerted_at = coalesce(?3, alerted_at)
             WHERE endpoint = ?1",
        )?
        .execute((endpoint, news.alarms().filter(|_| told), told.then_some(now)))?;
        reports.extend(report);
    }
    if reports.is_empty() {
        return Ok(0);
    }
    let alert = Alert { at: now, endpoints: reports };
    for recipient in recipients {
        tx.prepare_cached(
            "-- insert_alert
             INSERT INTO mails (id, kind, recipient, status, due_at, created_at, alert)
             VALUES (?1, 'alert', ?2, 'pending', ?3, ?3, ?4)",
        )?
        .execute((MailId::new(now, tx.random)?, recipient, now, Json(&alert)))?;
    }
    Ok(recipients.len())
}

fn report(tx: &Tx<'_>, id: EndpointId, news: News) -> Result<Option<Report>> {
    let Some(endpoint) = endpoints::find(tx, id)? else { return Ok(None) };
    let undelivered = endpoints::count(tx, id)?;
    let failures = endpoints::failures(tx, id, ANSWERS)?;
    Ok(Report::of(&endpoint, news, undelivered, failures))
}
