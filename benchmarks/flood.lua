-- For wrk: sign-ins with wrong passwords, each from the next of 10,000 addresses and at the next of 100,000 accounts, at a pace.
local addresses, accounts = 10000, 100000
local template = [[POST /api/auth/login HTTP/1.1
Host: localhost
X-Forwarded-For: 10.%d.%d.7
X-Flux-Client: flood
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0
Content-Type: application/json
Content-Length: %d

%s]]
template = template:gsub("\n", "\r\n")
local sent = 0

function request()
  sent = sent + 1
  local address = sent % addresses
  local body = string.format('{"email":"user%d@example.com","password":"wrong %d"}', (sent * 7919) % accounts, sent)
  return string.format(template, math.floor(address / 256), address % 256, #body, body)
end

-- Milliseconds that a connection waits between an answer and its next request.
function delay()
  return tonumber(os.getenv("FLOOD_DELAY_MS"))
end

local threads = {}
function setup(thread)
  table.insert(threads, thread)
end

function init()
  statuses = {}
end

function response(status)
  statuses[status] = (statuses[status] or 0) + 1
end

function done()
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do
      io.write(string.format("status %d: %d\n", status, count))
    end
  end
end
