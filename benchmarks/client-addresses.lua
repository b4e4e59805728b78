-- For wrk: each request comes from the next of 65,536 addresses, made beforehand so that the generator stays fast.
local requests = {}
local sent = 0

function init()
  for i = 0, 65535 do
    local address = string.format("10.%d.%d.7", math.floor(i / 256), i % 256)
    requests[i] = wrk.format("GET", "/", { ["x-client"] = address, ["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0" })
  end
end

function request()
  sent = (sent + 1) % 65536
  return requests[sent]
end
