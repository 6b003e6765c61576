import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlatformProcess, startPlatformProcess } from '../harness/platform-process.ts';
import { runPython } from '../integration/python.ts';

describe("LiteLLM's own client", () => {
  const folder = mkdtempSync(join(tmpdir(), 'maru-litellm-client-'));
  let platform: PlatformProcess;

  beforeAll(async () => {
    const files = [join(import.meta.dirname, 'configs', '27-self-hosted.yaml'), join(import.meta.dirname, 'twin.yaml')];
    platform = await startPlatformProcess({ dataDir: join(folder, 'data'), files });
  });
  afterAll(async () => {
    await platform.stop('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });

  it('manages keys, models, teams and users, and asks a model', { timeout: 280_000 }, async () => {
    const printed = await runPython(['litellm==1.106.2'], PROGRAM, { BASE_URL: platform.url, API_KEY: platform.key, LITELLM_LOCAL_MODEL_COST_MAP: 'True' });

    expect(printed.trim().split('\n')).toEqual(['keys ok', 'models ok', 'teams ok', 'users ok', 'health ok', 'refused ok', 'chat ok', 'spend ok']);
  });

  it('finds metrics under the names of its dashboards', async () => {
    const text = await (await fetch(`${platform.url}/metrics`)).text();

    for (const name of [
      'litellm_spend_metric_total',
      'litellm_total_tokens_metric_total',
      'litellm_proxy_total_requests_metric_total',
      'litellm_in_flight_requests',
      'litellm_deployment_state',
    ])
      expect(text).toContain(`# TYPE ${name}`);
    expect(text).toMatch(/litellm_total_tokens_metric_total\{hashed_api_key="[0-9a-f]{64}",api_key_alias="made by the client",model="sim"/);
  });
});

const PROGRAM = `
import json, os, time, requests
from litellm.proxy.client import Client
from litellm.proxy.client.users import UsersManagementClient
from litellm.proxy.client.health import HealthManagementClient
import litellm
base, master = os.environ["BASE_URL"], os.environ["API_KEY"]
client = Client(base_url=base, api_key=master)

made = client.keys.generate(models=["sim"], key_alias="made by the client", duration="30d", metadata={"a": 1}) if "metadata" in client.keys.generate.__code__.co_varnames else client.keys.generate(models=["sim"], key_alias="made by the client", duration="30d")
secret = made["key"]
assert secret.startswith("sk-") and len(made["token"]) == 64 and made["expires"]
assert client.keys.info(secret)["info"]["key_alias"] == "made by the client"
listed = client.keys.list(return_full_object=True)
assert listed["total_count"] == 1 and listed["keys"][0]["models"] == ["sim"] and "key" not in listed["keys"][0]
other = client.keys.generate(key_alias="other")
assert client.keys.update(key=other["key"], models=["sim", "llama3"])["models"] == ["sim", "llama3"]
assert client.keys.delete(keys=[other["key"]])["deleted_keys"] == [other["key"]]
print("keys ok")

new = client.models.new(model_name="added", model_params={"model": "hosted_vllm/x", "api_base": "http://127.0.0.1:9/v1"}, model_info={"id": "added-1"})
assert new["model_id"] == "added-1"
assert "added" in [model["id"] for model in client.models.list()]
assert client.models.get(model_id="added-1")["litellm_params"]["model"] == "hosted_vllm/x"
client.models.update(model_id="added-1", model_params={"model": "hosted_vllm/y", "api_base": "http://127.0.0.1:9/v1"}, model_info={"id": "added-1"})
assert client.models.get(model_id="added-1")["litellm_params"]["model"] == "hosted_vllm/y"
client.models.delete(model_id="added-1")
assert "added" not in [model["id"] for model in client.models.list()]
assert any(group["model_group"] == "llama-3.1-8b" for group in client.model_groups.info())
client.credentials.create(credential_name="vllm", credential_info={"owner": "me"}, credential_values={"api_key": "os.environ/PATH", "api_base": "http://127.0.0.1:9/v1"})
assert [entry["credential_name"] for entry in client.credentials.list()["credentials"]] == ["vllm"]
assert client.credentials.get(credential_name="vllm")["credential_info"] == {"owner": "me"}
client.credentials.delete(credential_name="vllm")
assert client.credentials.list()["credentials"] == []
print("models ok")

client.http.request("POST", "/team/new", json={"team_id": "red", "team_alias": "Red", "max_budget": 5})
assert [team["team_alias"] for team in client.teams.list()] == ["Red"]
assert client.teams.list_v2()["total"] == 1
print("teams ok")

users = UsersManagementClient(base_url=base, api_key=master)
assert users.create_user({"user_id": "kim", "user_email": "kim@example.kr", "auto_create_key": False})["user_id"] == "kim"
assert users.get_user("kim")["user_info"]["user_email"] == "kim@example.kr"
assert users.list_users()[0]["user_id"] == "kim" if isinstance(users.list_users(), list) else users.list_users()["users"][0]["user_id"] == "kim"
users.delete_user(["kim"])
print("users ok")

assert HealthManagementClient(base_url=base, api_key=master).get_readiness()["status"] == "healthy"
print("health ok")

stranger = Client(base_url=base, api_key=secret)
try:
    stranger.keys.list()
    raise SystemExit("a data key read the list of keys")
except Exception as error:
    assert "403" in str(error) or "401" in str(error), error
print("refused ok")

answer = litellm.completion(model="litellm_proxy/sim", api_base=base, api_key=secret, messages=[{"role": "user", "content": "hello"}], max_tokens=8, metadata={"tags": ["from-the-client"]})
assert answer.usage.total_tokens > 0
raw = requests.post(base + "/chat/completions", headers={"authorization": "Bearer " + secret}, json={"model": "sim", "max_tokens": 4, "messages": [{"role": "user", "content": "hello"}]})
for name in ["x-litellm-call-id", "x-litellm-model-id", "x-litellm-model-group", "x-litellm-version", "x-litellm-attempted-retries", "x-litellm-attempted-fallbacks", "x-litellm-response-duration-ms"]:
    assert name in raw.headers, (name, dict(raw.headers))
print("chat ok")

for _ in range(50):
    logs = client.http.request("GET", "/spend/logs?api_key=" + secret)
    if len(logs) >= 2: break
    time.sleep(0.2)
assert logs[0]["api_key"] == made["token"] and logs[0]["total_tokens"] > 0 and logs[0]["model_group"] == "sim", logs[0]
print("spend ok")
`;
