// The sink `webhook`: one POST for each event, or for the last event of each batch. Durable: an
// event that the receiver did not accept is sent again, also after a restart, so a receiver may get
// an event twice and recognizes it by its id. docs/webhook.md describes the message.
#include <algorithm>
#include <array>
#include <ctime>
#include <map>
#include <sodium.h>
#include <string>
#include <string_view>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/plugin.h>

#include "receiver.h"

namespace {

using sheafline::CommittedEvent;
using sheafline::Params;
using sheafline::webhook::Fields;
using sheafline::webhook::Receiver;

struct Options {
    sheafline::webhook::ReceiverOptions receiver{};
    std::string secret{};
    bool all = false;

    explicit Options(Params& p) {
        receiver.url = p.string(
            "url", {.help = "http:// or https:// URL that receives a POST", .required = true});
        all = p.choice("events", {.help = "final: the last event of each batch; all: every event",
                                  .default_value = "final",
                                  .choices = {"final", "all"}}) == "all";
        secret = p.string("secret", {.help = "key of the signature (HMAC-SHA256), best from "
                                             "${{ secrets.NAME }}; without it nothing is signed",
                                     .default_value = ""});
        receiver.timeout = p.duration("timeout", {.help = "how long to wait for the receiver",
                                                  .default_value = "5s",
                                                  .min = "100ms",
                                                  .max = "8s"});
        receiver.allow_private = p.boolean(
            "allow_private",
            {.help = "whether the receiver may be on this machine or in a private network",
             .default_value = "false"});
        receiver.ca_file = p.path(
            "ca_file", {.help = "PEM file of the certificate authorities (default: the machine's)",
                        .default_value = ""});
    }
};

bool isFinal(std::string_view event) {
    return std::ranges::any_of(
        std::to_array({"completed", "failed", "cancelled"}), [&](const char* stage) {
            return event.starts_with(R"({"stage":")" + std::string(stage) + '"');
        });
}

std::string hmacSha256(const std::string& key, const std::string& text) {
    const auto bytes = [](const std::string& s) {
        return reinterpret_cast<const unsigned char*>(s.data());
    };
    crypto_auth_hmacsha256_state state{};
    crypto_auth_hmacsha256_init(&state, bytes(key), key.size());
    crypto_auth_hmacsha256_update(&state, bytes(text), text.size());
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> digest{};
    crypto_auth_hmacsha256_final(&state, digest.data());
    std::array<char, 2 * crypto_auth_hmacsha256_BYTES + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
    return hex.data();
}

class Webhook : public sheafline::Sink {
 public:
    explicit Webhook(Params& params) : Webhook(Options(params)) {}

    void deliver(std::span<const CommittedEvent> events) override {
        for (const CommittedEvent& event : events) {
            // Of events that are delivered again, those that the receiver has accepted already.
            std::uint64_t& accepted = accepted_[event.batch_id];
            if (event.seq <= accepted) continue;
            if (options_.all || isFinal(event.json)) send(event);
            accepted = event.seq;
        }
        accepted_.clear();  // the cursor moves: these events do not come again
    }

 private:
    explicit Webhook(Options options) : options_(std::move(options)) {}

    void send(const CommittedEvent& event) const {
        const std::string id = event.batch_id + "/" + std::to_string(event.seq);
        const std::string time = std::to_string(std::time(nullptr));
        Fields fields{{"Sheafline-Event-Id", id}, {"Sheafline-Timestamp", time}};
        if (!options_.secret.empty()) {
            fields.emplace_back(
                "Sheafline-Signature",
                "v1=" + hmacSha256(options_.secret, time + "." + id + "." + event.json));
        }
        sheafline::faultPoint("webhook.send");
        // Made here: the constructor also runs to list the params.
        Receiver(options_.receiver).post(event.json, fields);
        sheafline::faultPoint("webhook.sent");
    }

    const Options options_;
    std::map<std::string, std::uint64_t> accepted_;  // seq, by batch
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::sink,
    .name = "webhook",
    .version = "1.0.0",
    .summary = "posts events to a URL, signed, until the receiver accepts them",
    .durable = true,
    .params = sheafline::paramsOf<Options>,
    .make_sink = sheafline::makeSink<Webhook>};
