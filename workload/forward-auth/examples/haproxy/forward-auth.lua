-- Asks the decision point about a request. An allow sets the identity headers; any other answer goes to the browser as it is;
-- no answer is 503. HAProxy 2.6 or later.

local address = "http://127.0.0.1:4180/oauth2/authz/forwarded"

-- What the decision depends on. Nothing else of the user's is sent.
local sent = {
  "cookie", "authorization", "accept", "origin", "user-agent", "x-requested-with",
  "sec-fetch-mode", "sec-fetch-site", "access-control-request-method",
}

local identity = {
  "x-auth-request-user", "x-auth-request-email", "x-auth-request-groups", "x-auth-request-preferred-username",
}

-- What of a refusal reaches the browser.
local relayed = { "content-type", "cache-control", "location", "retry-after", "set-cookie", "vary", "www-authenticate" }

local function question(txn)
  local headers = txn.http:req_get_headers()
  local host = headers["host"] and headers["host"][0] or ""
  local out = {
    ["host"] = { host },
    ["x-forwarded-method"] = { txn.sf:method() },
    ["x-forwarded-proto"] = { txn.f:ssl_fc() == 1 and "https" or "http" },
    ["x-forwarded-host"] = { host },
    ["x-forwarded-uri"] = { txn.sf:pathq() },
    ["x-forwarded-for"] = { txn.sf:src() },
  }
  for _, name in ipairs(sent) do
    local values = headers[name]
    if values then
      out[name] = {}
      for index = 0, #values do table.insert(out[name], values[index]) end
    end
  end
  return out
end

local function refuse(txn, answer)
  local reply = txn:reply({ status = answer and answer.status or 503 })
  if answer then
    for _, name in ipairs(relayed) do
      local values = answer.headers and answer.headers[name]
      if values then for index = 0, #values do reply:add_header(name, values[index]) end end
    end
    reply:set_body(answer.body or "")
  end
  txn:done(reply)
end

core.register_action("forward_auth", { "http-req" }, function(txn)
  local answer = core.httpclient():get({ url = address, headers = question(txn), timeout = 2000 })
  if not answer or answer.status == 0 or answer.status < 200 or answer.status > 299 then
    return refuse(txn, answer and answer.status > 0 and answer or nil)
  end
  for _, name in ipairs(identity) do
    local values = answer.headers[name]
    if values and values[0] ~= "" then txn.http:req_set_header(name, values[0]) end
  end
  local cookies = answer.headers["set-cookie"]
  if cookies then txn:set_var("txn.renewed", cookies[0]) end
end, 0)
