"""Microsoft's own client for Dataverse, and MSAL for tokens, against the stand-in."""

import logging
import os
import subprocess
import tempfile
import uuid

import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential, ClientSecretCredential
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError
from PowerPlatform.Dataverse.models.upsert import UpsertItem

LOGIN, ORGANIZATION = os.environ["LOGIN"], os.environ["ORGANIZATION"]
TENANT = "c0a7050c-1111-4a7e-8b01-000000000001"
CUSTOMIZER = "1eadf10e-0000-4c11-8e47-000000000006"
STRANGER = "1eadf10e-0000-4c11-8e47-000000000002"
SECRET = "s3cr3t~+/=&% of the sandbox"
done = []
# A refusal that is expected is no news.
logging.getLogger("azure.identity").setLevel(logging.CRITICAL)


def check(what, holds):
    assert holds, what
    done.append(what)


def control(method, path, body=None):
    answer = requests.request(method, f"{ORGANIZATION}/control/{path}", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json()


def refused(what, status, code, act):
    try:
        act()
    except HttpError as error:
        details = error.details or {}
        told = str(details.get("service_error_code", "")).lower()
        check(what, error.status_code == status and told == code.lower())
    else:
        raise AssertionError(f"{what}: it was not refused")


def secret(client=CUSTOMIZER, text=SECRET):
    return ClientSecretCredential(
        TENANT, client, text, authority=LOGIN, disable_instance_discovery=True
    )


def tokens():
    scope = f"{ORGANIZATION}/.default"
    check("a secret gives a token", secret().get_token(scope).token)
    try:
        secret(text="wrong").get_token(scope)
    except ClientAuthenticationError as error:
        check("a wrong secret is AADSTS7000215", "AADSTS7000215" in str(error))
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-keyout", key, "-out", certificate, "-subj", "/CN=leadline"],
            check=True, capture_output=True,
        )
        pem = open(certificate, encoding="ascii").read()
        control("POST", "applications", {"client": CUSTOMIZER, "certificate": pem})
        both = f"{folder}/both.pem"
        with open(both, "w", encoding="ascii") as file:
            file.write(open(key, encoding="ascii").read() + pem)
        credential = CertificateCredential(
            TENANT, CUSTOMIZER, both, authority=LOGIN, disable_instance_discovery=True
        )
        check("a certificate gives a token", credential.get_token(scope).token)


def rows(client):
    first = client.records.create("lead", {"lastname": "O'Brien", "emailaddress1": "a+b@example.com", "leadsourcecode": "Web"})
    check("a lead is created, its choice by label", uuid.UUID(first))
    many = client.records.create("lead", [{"lastname": "A"}, {"lastname": "B"}])
    check("many leads are created", len(many) == 2)
    found = client.records.list(
        "lead", filter="lastname eq 'O''Brien' and emailaddress1 eq 'a+b@example.com'",
        select=["leadid", "leadsourcecode"], top=2,
    )
    found = list(found)
    check("a lead is found by what a form could not have said better", len(found) == 1 and found[0]["leadsourcecode"] == 8)
    client.records.update("lead", first, {"jobtitle": "CTO"})
    read = client.records.retrieve("lead", first, select=["jobtitle", "leadsourcecode"])
    check("a lead is changed and read", read["jobtitle"] == "CTO")
    client.records.update("lead", many, {"jobtitle": "CIO"})
    pages = list(client.records.list_pages("lead", filter="jobtitle eq 'CIO'", select=["leadid"], page_size=1))
    check("pages follow each other", sum(len(list(page)) for page in pages) == 2)
    client.records.delete("lead", many[0])
    check("a lead is deleted", len(list(client.records.list("lead", filter="jobtitle eq 'CIO'", select=["leadid"]))) == 1)
    refused("an unknown column is refused", 400, "0x80048d19", lambda: client.records.create("lead", {"new_nothing": 1}))
    refused("a text that is too long is refused", 400, "0x80044331", lambda: client.records.create("lead", {"mobilephone": "1" * 21}))
    refused("a row that is not there cannot be changed", 404, "0x80040217", lambda: client.records.update("lead", str(uuid.uuid4()), {"jobtitle": "x"}))


def keys(client):
    control("POST", "columns", {
        "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata",
        "SchemaName": "new_LinkedInResponseId", "MaxLength": 100,
    })
    client.tables.create_alternate_key("lead", "new_LinkedInKey", ["new_linkedinresponseid"])
    listed = client.tables.get_alternate_keys("lead")
    check("an alternate key is created and listed", [key.key_attributes for key in listed] == [["new_linkedinresponseid"]])
    item = lambda response, name: UpsertItem(alternate_key={"new_linkedinresponseid": response}, record={"lastname": name})
    client.records.upsert("lead", [item("r'1", "Once")])
    client.records.upsert("lead", [item("r'1", "Twice")])
    client.records.upsert("lead", [item("r'1", "Thrice"), item("r2", "Other")])
    names = {row["lastname"] for row in client.records.list("lead", filter="new_linkedinresponseid ne null", select=["lastname"])}
    check("rows are upserted by it, one and many", names == {"Thrice", "Other"})
    columns = client.tables.list_columns("lead", select=["LogicalName", "AttributeType"])
    check("columns are listed", "emailaddress1" in {column["LogicalName"] for column in columns})


def batches(client):
    batch = client.batch.new()
    with batch.changeset() as changes:
        changes.records.create("lead", {"lastname": "B1"})
        changes.records.create("lead", {"lastname": "B2"})
    batch.records.list("lead", filter="lastname eq 'B1'", select=["leadid"])
    result = batch.execute()
    check("a batch with a change set", not result.has_errors and len(result.entity_ids) >= 2)
    batch = client.batch.new()
    with batch.changeset() as changes:
        changes.records.create("lead", {"lastname": "B3"})
        changes.records.create("lead", {"leadsourcecode": 99})
    result = batch.execute(continue_on_error=True)
    check("a change set that fails leaves nothing", result.has_errors and not list(client.records.list("lead", filter="lastname eq 'B3'", select=["leadid"])))


def waits(client):
    control("PATCH", "faults", {"retry_after": 7, "errors": [{"endpoint": "GET leads", "kind": "429_requests"}]})
    try:
        list(client.records.list("lead", select=["leadid"], top=1))
    except HttpError as error:
        told = error.details.get("retry_after")
        check("a limit is transient and says how long to wait", error.status_code == 429 and error.is_transient and told == 7)
    else:
        raise AssertionError("a limit was not told")
    control("DELETE", "faults")


tokens()
with DataverseClient(ORGANIZATION, secret()) as client:
    rows(client)
    keys(client)
    batches(client)
    waits(client)
with DataverseClient(ORGANIZATION, secret(STRANGER)) as client:
    refused("a stranger is no member", 403, "0x80072560", lambda: list(client.records.list("lead", select=["leadid"], top=1)))
print(f"Microsoft's client for Python: {len(done)} passed")
