// dynamics-web-api against the stand-in.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { DynamicsWebApi } from "dynamics-web-api";

const { LOGIN, ORGANIZATION } = process.env;
const TENANT = "c0a7050c-1111-4a7e-8b01-000000000001";
const CUSTOMIZER = "1eadf10e-0000-4c11-8e47-000000000006";
let done = 0;
const check = (what, holds) => {
  assert.ok(holds, what);
  done += 1;
};

async function token() {
  const answer = await fetch(`${LOGIN}/${TENANT}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: CUSTOMIZER,
      client_secret: "s3cr3t~+/=&% of the sandbox",
      scope: `${ORGANIZATION}/.default`,
    }),
  });
  assert.equal(answer.status, 200);
  return (await answer.json()).access_token;
}

async function refused(what, status, code, act) {
  const error = await act().then(
    () => assert.fail(`${what}: it was not refused`),
    (error) => error,
  );
  check(`${what}: ${error.status} ${error.code}`, error.status === status && error.code === code);
}

const own = await token();
const api = new DynamicsWebApi({
  serverUrl: ORGANIZATION,
  dataApi: { version: "9.2" },
  onTokenRefresh: async () => own,
});

const who = await api.callFunction({ functionName: "WhoAmI" });
check("WhoAmI", who.OrganizationId);

const leadid = await api.create({ collection: "leads", data: { lastname: "O'Brien", emailaddress1: "a+b@example.org" } });
check("a lead is created", leadid);
const lead = await api.retrieve({ collection: "leads", key: leadid, select: ["lastname"] });
check("and read", lead.lastname === "O'Brien");
const found = await api.retrieveMultiple({
  collection: "leads",
  select: ["leadid"],
  filter: "lastname eq 'O''Brien' and emailaddress1 eq 'a+b@example.org'",
  count: true,
  maxPageSize: 5,
});
check("and found and counted", found.value.length === 1 && found.oDataCount === 1);

const etag = lead["@odata.etag"] ?? lead.oDataEtag;
await api.update({ collection: "leads", key: leadid, data: { jobtitle: "CTO" }, ifmatch: etag });
check("it is changed as it was read", true);
const stale = await api.update({ collection: "leads", key: leadid, data: { jobtitle: "CEO" }, ifmatch: etag });
check("and not as it was not", stale === false);
const unchanged = await api.retrieve({ collection: "leads", key: leadid, select: ["jobtitle"] });
check("nothing was overwritten", unchanged.jobtitle === "CTO");

const chosen = randomUUID();
const made = await api.upsert({ collection: "leads", key: chosen, data: { lastname: "New" }, ifnonematch: "*" });
check("a row is made with an id of one's own", made !== null);
const again = await api.upsert({ collection: "leads", key: chosen, data: { lastname: "New" }, ifnonematch: "*" });
check("and only once", again === null);
const shown = await api.upsert({ collection: "leads", key: chosen, data: { lastname: "Newer" }, returnRepresentation: true, select: ["lastname"] });
check("a write can answer with the row", shown.lastname === "Newer");

await refused("a duplicate is told to who asks", 412, "0x80040333", () =>
  api.create({ collection: "leads", data: { lastname: "Twin", emailaddress1: "a+b@example.org" }, duplicateDetection: true }));
await refused("a choice that is none", 400, "0x8004431A", () =>
  api.create({ collection: "leads", data: { leadsourcecode: 99 } }));

const page = await api.retrieveMultiple({ collection: "leads", select: ["leadid"], maxPageSize: 2 });
const all = await api.retrieveAll({ collection: "leads", select: ["leadid"] });
check("pages", page.value.length === 2 && page.oDataNextLink && all.value.length > 5);
const table = await api.retrieveEntity({ key: "LogicalName='lead'", select: ["EntitySetName"] });
check("the table describes itself", table.EntitySetName === "leads");
const attributes = await api.retrieveAttributes({
  entityKey: "LogicalName='lead'",
  castType: "Microsoft.Dynamics.CRM.PicklistAttributeMetadata",
  select: ["LogicalName"],
  expand: [{ property: "OptionSet", select: ["Options"] }],
});
check("and its choices", attributes.value.some((own) => own.LogicalName === "leadsourcecode" && own.OptionSet.Options.length === 10));

api.startBatch();
api.create({ collection: "leads", data: { lastname: "N1" } });
api.retrieveMultiple({ collection: "leads", select: ["leadid"], filter: "lastname eq 'N1'" });
const batch = await api.executeBatch();
check("a batch", batch.length === 2 && batch[1].value.length === 1);

await api.deleteRecord({ collection: "leads", key: chosen });
await refused("what is deleted is gone", 404, "0x80040217", () => api.retrieve({ collection: "leads", key: chosen }));
console.log(`dynamics-web-api for Node: ${done} passed`);
