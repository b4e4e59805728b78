// Names of HTTP clients, libraries, command-line programs and automated browsers, as they stand in the User-Agent.

/** Lower case; distinctive enough to be matched as whole words anywhere in the header. */
export const TOOL_NAMES: readonly string[] = [
  // command line
  "apachebench, apt-http, aria2, axel, curl, fasthttp, git-annex, git-lfs, gvfs, hey/0, httpie, libcurl",
  "rclone, wget, wget2, wrk2, yt-dlp, youtube-dl, uclient-fetch",
  // Python
  "aiohttp, boto3, botocore, cpython, httpcore, mechanize, pycurl, python, python-httpx",
  "python-requests, python-urllib, python-urllib3, requests-futures, scrapy, urlgrabber, urllib3",
  // JavaScript
  "apollo-fetch, axios, electron-fetch, node-fetch, node-superagent, nodejs, sindresorhus/got",
  "superagent, undici, unfetch",
  // JVM
  "ahc, akka-http, apache-httpclient, apache-httpasyncclient, async-http-client, asynchttpclient",
  "clj-http, commons-httpclient, google-http-java-client, java-http-client, jodd http, ktor",
  "ktor-client, okhttp, okhttp3, reactornetty, reactor-netty, scalaj-http, spring webclient, sttp",
  "unirest-java, vert.x-webclient, http4s-ember, httpunit",
  // PHP, Perl, Ruby, Lua
  "anyevent-http, embarcadero uri client, excon, ethon, faraday, guzzle, guzzlehttp, http.rb",
  "http_request, http_request2, httparty, libwww-perl, lua-resty-http, lwp, lwp-trivial, lwp::simple",
  "mojolicious, php-curl-class, php-soap, rest-client, symfony httpclient, typhoeus, www-mechanize",
  "zend_http_client, zend\\http\\client",
  // Go, Rust, .NET, C and C++, Erlang, Elixir, Dart, R, Haskell, Swift
  "alamofire-cli, cohttp, cpp-httplib, cpprestsdk, dart:io, go-http-client, go-resty, gorequest",
  "hackney, http client, http-client/0, httpoison, indy library, isahc, libfetch, libhttp, libsoup, powershell",
  "quic-go, r-curl, reqwest, restsharp, rust-openssl, system.net.http, tesla-elixir, ureq, winhttp",
  "winhttprequest, windowspowershell, wininet, xmlhttprequest, microsoft-cryptoapi",
  "microsoft url control, microsoft bits",
  // interactive API clients and load generators
  "apidog, bombardier, fortio, gatling, hoppscotch, jmeter, loadrunner, postman, postmanruntime",
  "rapidapi, soapui, thunder client, yandex-tank, yandextank",
  // containers, packages and cloud command lines
  "artifactory, aws-cli, aws-sdk, azure-cli, azsdk, buildah, buildkit, containerd, cri-o, docker-client",
  "dnf, gcloud, geoipupdate, go-containerregistry, homebrew, kubectl, libdnf, libpod, nuget, pnpm",
  "podman, skopeo, terraform, yum, zypp, mikrotik, google-cloud-sdk",
  // browsers without a person
  "devtools, casperjs, chrome-lighthouse, cypress, headless, headlesschrome, headlessfirefox, htmlunit, jsdom",
  "lightpanda, phantomjs, playwright, puppeteer, selenium, slimerjs, testcafe, triflejs, webdriver",
  "wkhtmltoimage, wkhtmltopdf, zombie.js",
].flatMap((line) => line.split(", "));

/** Ordinary words, so they count only as the product at the very start of the header. */
export const TOOL_NAMES_AT_START: readonly string[] = [
  "ab, artillery, bruno, bun, buzz, cargo, client, composer, custom, dart, down, fetch, finch, git, go",
  "got, gun, hey, http, http client, httpclient, httpx, hyper, java, lua, mint, needle, neon, nim, node",
  "perl, perlclient, php, req, request, requests, resty, rest, ruby, conda, deno, docker, drill, helm",
  "insomnia, jersey, k6, locust, mamba, netty, npm, oha, paw, pip, pnpm, poetry, refit, retrofit, siege",
  "vegeta, wolfram, xh, serf, soap, svn, test, tesla, urllib, webclient, wrk, yarn",
].flatMap((line) => line.split(", "));

/** Language runtimes that put their own name and version into an agent: `tcms-api/12.9.1/Python 3.11`. */
export const RUNTIMES: readonly string[] = [
  "dart, dotnet, elixir, erlang, go, golang, jvm, jdk, julia, perl, php, python, ruby",
].flatMap((line) => line.split(", "));
