//! Reads one account with one member's token: forms, campaigns, then the responses of every kind
//! of lead, window by window. Every page is committed before the next one is asked for.

use std::time::Duration;

use tokio::sync::watch;

use super::arrive::arrivals;
use super::pass::Stop;
use super::windows::{self, Reach, Window};
use super::{Settings, Worker};
use crate::error::Error;
use crate::linkedin::failure::Kind;
use crate::linkedin::{Action, Failure, Member, Owner, ResponsesQuery};
use crate::oauth::Grant;
use crate::store::accounts::{ClaimedAccount, Part, PartStatus};
use crate::store::campaigns::NewCampaign;
use crate::store::runs::RunCounts;
use crate::store::submissions::Arrival;
use crate::submission::LeadType;

/// Forms and campaigns are read again when they were read this long ago.
const PARTS_AGE_MS: i64 = 15 * 60_000;
/// Forms in one request.
const FORMS_PAGE: u64 = 50;
/// The smallest page that is still worth asking for.
const SMALLEST_PAGE: u64 = 10;
/// How often a request is made again within a pass before the account has to wait.
const RETRIES: u32 = 3;
/// A list that does not end within so many pages is not a list.
const MOST_PAGES: usize = 100_000;

pub(super) struct Pull {
    worker: Worker,
    account: ClaimedAccount,
    member: Member,
    profile_id: i64,
    run: i64,
    counts: RunCounts,
    stop: watch::Receiver<bool>,
}

impl Pull {
    pub(super) fn new(
        worker: &Worker,
        account: &ClaimedAccount,
        grant: &Grant,
        run: i64,
        stop: watch::Receiver<bool>,
    ) -> Pull {
        Pull {
            worker: worker.clone(),
            account: account.clone(),
            member: worker.linkedin.member(&grant.token),
            profile_id: grant.profile_id,
            run,
            counts: RunCounts::default(),
            stop,
        }
    }

    /// Reads all there is to read. What the member may not read stops nothing else: it is told in the
    /// end, unless no lead at all could be read.
    pub(super) async fn everything(&mut self) -> Result<Vec<Refused>, Stop> {
        let owner = Owner::parse(&self.account.urn)
            .ok_or_else(|| Error::internal("an account has an unreadable URN"))?;
        let now = self.worker.store.clock().await?;
        let mut refused = Vec::new();
        if self.is_old(self.account.forms_synced_at, now) {
            let read = self.forms(owner).await;
            note(&mut refused, "Forms", read, now)?;
        }
        if let Owner::AdAccount(id) = owner
            && self.is_old(self.account.campaigns_synced_at, now)
        {
            let read = self.campaigns(id).await;
            note(&mut refused, "Campaigns", read, now)?;
        }
        let mut leads = 0;
        for lead_type in owner.lead_types() {
            let read = self.stream(owner, *lead_type).await;
            leads += usize::from(read.is_ok());
            note(&mut refused, lead_type.label(), read, now)?;
        }
        match refused.pop() {
            Some(last) if leads == 0 => Err(last.failure.into()),
            last => Ok(refused.into_iter().chain(last).collect()),
        }
    }

    fn is_old(&self, read_at: Option<i64>, now: i64) -> bool {
        self.account.requested || read_at.is_none_or(|at| now - at >= PARTS_AGE_MS)
    }

    async fn forms(&mut self, owner: Owner) -> Result<(), Stop> {
        let member = self.member.clone();
        let mut start = 0;
        let mut found = 0;
        for _ in 0..MOST_PAGES {
            let page = self
                .ask(|| member.lead_forms(owner, start, FORMS_PAGE))
                .await;
            let page = self.or_forbidden(Part::Forms, page).await?;
            let now = self.worker.store.clock().await?;
            let forms: Vec<_> = page
                .elements
                .iter()
                .filter_map(|element| element.value.clone().ok())
                .collect();
            found += forms.len();
            self.worker
                .store
                .save_current_forms(self.account.id, &forms, now)
                .await?;
            match page.next_start() {
                Some(next) => start = next,
                None => break,
            }
        }
        self.part_is_read(Part::Forms, found).await
    }

    async fn campaigns(&mut self, account: i64) -> Result<(), Stop> {
        let member = self.member.clone();
        let mut token: Option<String> = None;
        let mut found = 0;
        for _ in 0..MOST_PAGES {
            let page = self
                .ask(|| member.campaigns(account, token.as_deref()))
                .await;
            let page = self.or_forbidden(Part::Campaigns, page).await?;
            let now = self.worker.store.clock().await?;
            let campaigns: Vec<NewCampaign> = page
                .elements
                .into_iter()
                .filter_map(|element| {
                    let campaign = element.value.ok()?;
                    Some(NewCampaign {
                        linkedin_id: campaign.id,
                        name: campaign
                            .name
                            .unwrap_or_else(|| format!("Campaign {}", campaign.id)),
                        campaign_type: campaign.kind,
                        objective: campaign.objective,
                        linkedin_status: campaign.status,
                        starts_at: campaign.starts_at,
                        ends_at: campaign.ends_at,
                        raw: element.raw,
                    })
                })
                .collect();
            found += campaigns.len();
            self.worker
                .store
                .save_campaigns(self.account.id, &campaigns, now)
                .await?;
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        self.part_is_read(Part::Campaigns, found).await
    }

    async fn part_is_read(&self, part: Part, found: usize) -> Result<(), Stop> {
        let status = match found {
            0 => PartStatus::NoneAvailable,
            _ => PartStatus::Active,
        };
        let now = self.worker.store.clock().await?;
        let store = &self.worker.store;
        Ok(store
            .save_part_status(self.account.id, part, status, now)
            .await?)
    }

    /// Notes it on the account when a member may not see the part at all.
    async fn or_forbidden<T>(&self, part: Part, answer: Result<T, Stop>) -> Result<T, Stop> {
        if let Err(Stop::LinkedIn(failure)) = &answer {
            let now = self.worker.store.clock().await?;
            if matches!(
                failure.action(now),
                Action::RoleMissing | Action::ScopeMissing
            ) {
                let store = &self.worker.store;
                store
                    .save_part_status(self.account.id, part, PartStatus::Forbidden, now)
                    .await?;
            }
        }
        answer
    }

    /// Reads the windows of one kind of leads up to now.
    async fn stream(&mut self, owner: Owner, lead_type: LeadType) -> Result<(), Stop> {
        let store = self.worker.store.clone();
        let settings = self.worker.settings;
        let reach = Reach {
            lookback_hours: settings.lookback_hours,
            backfill_days: settings.backfill_days,
        };
        let now = store.clock().await?;
        loop {
            let stream = store.find_stream(self.account.id, lead_type).await?;
            let step = windows::next(&stream, reach, now);
            let highest = self.window(owner, lead_type, step.window).await?;
            let mut then = step.then;
            then.highest_submitted_at = highest;
            store
                .advance_stream(self.account.id, lead_type, &self.worker.holder, &then)
                .await?;
            if step.last {
                return Ok(());
            }
        }
    }

    /// Reads one window page by page; tells the time of the newest response in it.
    async fn window(
        &mut self,
        owner: Owner,
        lead_type: LeadType,
        window: Window,
    ) -> Result<Option<i64>, Stop> {
        let member = self.member.clone();
        let mut count = page_size(self.worker.settings);
        let mut start = 0;
        let mut highest = None;
        for _ in 0..MOST_PAGES {
            let query = ResponsesQuery {
                owner,
                lead_type,
                from: window.from,
                to: window.to,
                start,
                count,
            };
            let page = match self.ask(|| member.lead_responses(&query)).await {
                Err(Stop::LinkedIn(failure))
                    if failure.action(0) == Action::SmallerPages && count > SMALLEST_PAGE =>
                {
                    count = (count / 2).max(SMALLEST_PAGE);
                    continue;
                }
                page => page?,
            };
            let last = windows::is_last_page(start, page.count, page.elements.len(), page.total);
            start += windows::stride(page.count);
            let newest = page.elements.iter().filter_map(|r| r.submitted_at).max();
            highest = highest.max(newest);
            self.keep(page.elements).await?;
            if last {
                break;
            }
        }
        Ok(highest)
    }

    async fn keep(&mut self, readings: Vec<crate::linkedin::Reading>) -> Result<(), Stop> {
        let store = &self.worker.store;
        let now = store.clock().await?;
        self.counts.received += readings.len() as i64;
        let page = arrivals(readings, now);
        let by = Arrival {
            account_id: self.account.id,
            profile_id: Some(self.profile_id),
            received_by: "poll",
            now,
        };
        let added = store.save_arrivals(&page, by).await?;
        if added > 0 {
            self.counts.added += i64::try_from(added).unwrap_or(i64::MAX);
            self.worker.handle.submissions.notify_one();
        }
        Ok(store.save_run_progress(self.run, self.counts).await?)
    }

    /// Makes a request; a passing failure is tried again a few times, waiting a little longer each
    /// time. Longer waits are the account's, not the request's.
    async fn ask<T, F>(&mut self, request: impl Fn() -> F) -> Result<T, Stop>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        for attempt in 0.. {
            if *self.stop.borrow() {
                return Err(Stop::Shutdown);
            }
            self.counts.calls += 1;
            match request().await {
                Ok(answer) => return Ok(answer),
                Err(failure) if attempt < RETRIES && is_passing(&failure) => {
                    let wait = 200 * 2u64.pow(attempt) + rand::random::<u64>() % 300;
                    tokio::time::sleep(Duration::from_millis(wait)).await;
                }
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(Stop::Shutdown)
    }
}

/// Whether asking again in a moment may help; who asks to slow down is not asked again so soon.
fn is_passing(failure: &Failure) -> bool {
    failure.action(0) == Action::Retry { not_before: None } && failure.kind != Kind::Throttled
}

/// Something of an account that the member may not read.
#[derive(Debug)]
pub(super) struct Refused {
    /// What it is.
    pub(super) what: &'static str,
    /// What LinkedIn said.
    pub(super) failure: Failure,
}

/// Notes a missing permission and goes on; everything else stops the pass.
fn note(
    refused: &mut Vec<Refused>,
    what: &'static str,
    read: Result<(), Stop>,
    now: i64,
) -> Result<(), Stop> {
    match read {
        Err(Stop::LinkedIn(failure))
            if matches!(
                failure.action(now),
                Action::RoleMissing | Action::ScopeMissing
            ) =>
        {
            refused.push(Refused { what, failure });
            Ok(())
        }
        other => other,
    }
}

fn page_size(settings: Settings) -> u64 {
    settings.page_size.clamp(SMALLEST_PAGE, 1_000)
}
