#include "settings/serve_settings.h"

#include <algorithm>
#include <utility>

#include <sheafline/error.h>

#include "http/message/proxy_trust.h"
#include "settings/cors_origin.h"
#include "settings/listen_address.h"

namespace sheafline {

namespace {

// With https, the proxy in front of the server has the certificate.
std::string httpUrl(const SettingValues& values, std::string_view key) {
    std::string text = values.text(key);
    while (text.ends_with('/')) text.pop_back();
    const bool is_url = (text.starts_with("http://") && text.size() > 7) ||
                        (text.starts_with("https://") && text.size() > 8);
    if (text.empty() || is_url) return text;
    values.reject(key,
                  "must be a URL such as http://10.0.0.1:8000 or https://sheafline.example, "
                  "not '" +
                      text + "'");
}

// 0 leaves one place free for other users.
std::size_t userRunning(const SettingValues& values) {
    const auto given = static_cast<std::size_t>(values.integer("user-running", 0));
    const auto all = static_cast<std::size_t>(values.integer("max-running", 1));
    return given > 0 ? given : std::max<std::size_t>(all - 1, 1);
}

}  // namespace

ServeSettings serveSettingsOf(const SettingValues& values) {
    ServeSettings settings{
        .listen = values.text("listen"),
        .pipelines_folder = values.text("pipelines-dir"),
        .params = values.params(),
        .max_running = static_cast<std::size_t>(values.integer("max-running", 1)),
        .user_running = userRunning(values),
        .pipeline_sinks = values.words("pipeline-sinks"),
        .trusted_proxies = values.words("trusted-proxies"),
        .cors_origins = values.words("cors-origins"),
        .token_hours = values.integer("token-hours", 1),
        .upload_bytes = values.size("max-upload"),
        .user_bytes = values.size("user-quota"),
        .total_bytes = values.size("total-quota"),
        .user_uploads = static_cast<std::uint64_t>(values.integer("user-uploads", 1)),
        .upload_hours = values.integer("upload-hours", 1),
        .keep_days = values.integer("keep-days", 0),
        .audit_days = values.integer("audit-days", 1),
        .stop_grace = values.duration("stop-grace", std::chrono::milliseconds(1)),
        .admin_password_file = values.text("admin-password-file"),
        .secret_key = values.text("secret-key"),
        .worker_url = httpUrl(values, "worker-url")};
    values.checked("listen", [&] { return listenAddress(settings.listen).port; });
    values.checked("trusted-proxies",
                   [&] { static_cast<void>(http::ProxyTrust(settings.trusted_proxies)); });
    values.checked("cors-origins", [&] {
        for (const std::string& origin : settings.cors_origins) requireOrigin(origin);
    });
    return settings;
}

}  // namespace sheafline
