// `submit`: uploads a file to a server as a new batch of one of its pipelines, and follows the
// batch.
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <set>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/UUIDGenerator.h>

#include <sheafline/error.h>

#include "base/clocks.h"
#include "base/did_you_mean.h"
#include "batch/params/param_files.h"
#include "batches/batch_json.h"
#include "batches/batch_title.h"
#include "client/batch_screen.h"
#include "client/follow.h"
#include "client/patience.h"
#include "client/tus_upload.h"
#include "command_parts/batch_results.h"
#include "command_parts/exit_status.h"
#include "command_parts/given_params.h"
#include "command_parts/packed_input.h"
#include "commands/commands.h"
#include "history/event_json.h"
#include "uploads/base64.h"

namespace sheafline {

namespace {

using Clock = std::chrono::steady_clock;
using Poco::JSON::Object;

constexpr std::chrono::milliseconds kBetweenDraws{200};

Object::Ptr objectOf(const HttpAnswer& answer) {
    try {
        return Poco::JSON::Parser().parse(answer.body).extract<Object::Ptr>();
    } catch (const Poco::Exception&) {
        throw ConfigError("the answer is not that of a Sheafline server; check --server");
    }
}

UploadSource sourceOf(const std::string& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error) throw ConfigError("cannot read " + file + ": " + error.message());
    return {.file = file, .size_bytes = size};
}

// One file as it is, or several as one archive.
class Input {
 public:
    explicit Input(const std::vector<std::string>& files)
        : name_(std::filesystem::path(files.front()).filename().string()) {
        if (files.size() == 1) {
            source_ = sourceOf(files.front());
            return;
        }
        const PackedInput packed(std::vector<std::filesystem::path>(files.begin(), files.end()));
        name_ = packed.name();
        archive_ = std::make_unique<TemporaryInput>(packed);
        source_ = sourceOf(archive_->path().string());
    }

    const std::string& name() const { return name_; }
    const UploadSource& source() const { return source_; }

 private:
    std::string name_;
    UploadSource source_{};
    std::unique_ptr<TemporaryInput> archive_{};
};

// For a shell, each followed by a space.
std::string quoted(const std::vector<std::string>& files) {
    std::string words;
    for (const std::string& file : files) {
        const bool plain = file.find_first_of(" '\"\\$`&;()<>|*?#~") == std::string::npos;
        if (!plain) words += '\'';
        for (const char c : file) words += c == '\'' ? "'\\''" : std::string(1, c);
        words += plain ? " " : "' ";
    }
    return words;
}

// Before the batch is created: does the pipeline take a file? Returns its params of type `file`.
std::set<std::string> fileParamsOf(const RemoteServer& server, const std::string& name) {
    const HttpAnswer answer = server.send({.path = "/api/pipelines"});
    if (answer.status != 200) throwRejection(answer);
    const auto items = objectOf(answer)->getArray("items");
    std::vector<std::string> known;
    for (std::size_t i = 0; !items.isNull() && i < items->size(); ++i) {
        const auto pipeline = items->getObject(static_cast<unsigned>(i));
        if (!pipeline->optValue("upload", false)) continue;
        known.push_back(pipeline->optValue<std::string>("name", ""));
        if (known.back() != name) continue;
        std::set<std::string> files;
        const auto params = pipeline->getArray("params");
        for (std::size_t p = 0; !params.isNull() && p < params->size(); ++p) {
            const auto param = params->getObject(static_cast<unsigned>(p));
            if (param->optValue<std::string>("type", "") == "file")
                files.insert(param->optValue<std::string>("name", ""));
        }
        return files;
    }
    throw ConfigError("the server has no pipeline '" + name + "' that takes a file; " +
                      didYouMean(name, known));
}

// The params of the order; a file is sent with its name and content.
Object orderParams(const std::vector<std::string>& set, const std::set<std::string>& file_params) {
    Pipeline files;
    for (const std::string& name : file_params)
        files.params.push_back({.name = name, .type = ParamType::file});
    const auto given = givenParams(set);
    const ParamFiles local = readParamFiles(files, given, std::filesystem::current_path());
    Object params;
    for (const auto& [name, value] : given) {
        const auto file = local.find(name);
        if (file == local.end()) {
            params.set(name, value);
            continue;
        }
        Object content;
        content.set("filename", file->second.name);
        content.set("base64", encodeBase64(file->second.bytes));
        params.set(name, content);
    }
    return params;
}

std::string createBatch(const RemoteServer& server, const SubmitOptions& options,
                        const Input& input) {
    if (options.pipeline.empty())
        throw ConfigError(
            "--pipeline NAME is required: the pipeline that the server runs on the file");
    const auto file_params = fileParamsOf(server, options.pipeline);
    Object order(Poco::JSON_PRESERVE_KEY_ORDER);
    order.set("pipeline", options.pipeline);
    order.set("params", orderParams(options.set, file_params));
    order.set("length", input.source().size_bytes);
    order.set("filename", input.name());
    if (options.name) order.set("name", *options.name);
    Object labels;
    for (const auto& [key, value] : labelsOf(options.labels)) labels.set(key, value);
    if (labels.size() > 0) order.set("labels", labels);
    const std::string body = compactJson(order);
    // All attempts use one key, so that a lost reply does not make a second batch.
    const std::string key = Poco::UUIDGenerator::defaultGenerator().createRandom().toString();
    for (Patience patience;;) {
        try {
            const HttpAnswer answer = server.send(
                {.method = "POST",
                 .path = "/api/batches",
                 .fields = {{"Content-Type", "application/json"}, {"Idempotency-Key", key}},
                 .body = body});
            if (answer.status != 201) throwRejection(answer);
            return objectOf(answer)->optValue<std::string>("batch_id", "");
        } catch (const Error& error) {
            if (error.errorClass() != ErrorClass::transient) throw;
            patience.wait(error);
        }
    }
}

std::string megabytes(std::uint64_t bytes) {
    const std::uint64_t tenths = bytes * 10 / (1U << 20U);
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
}

// The progress of the upload between the server's events, of which there is one for each 50 MiB.
class UploadBar {
 public:
    UploadBar(const ShowEvents& show, std::uint64_t total) : show_(show), total_(total) {}

    void draw(std::uint64_t sent) {
        const auto now = Clock::now();
        const bool whole = sent == total_;
        if (drawn_ == total_ || (!whole && now - drawn_at_ < kBetweenDraws)) return;
        drawn_ = sent;
        drawn_at_ = now;
        const double seconds = std::chrono::duration<double>(now - begun_).count();
        std::string message = megabytes(sent) + " of " + megabytes(total_) + " MB";
        if (seconds >= 1) {
            const auto rate = static_cast<std::uint64_t>(static_cast<double>(sent) / seconds);
            message += ", " + megabytes(rate) + " MB/s";
        }
        const EventDraft draft{.stage = "uploading",
                               .message = std::move(message),
                               .done = static_cast<double>(sent),
                               .total = static_cast<double>(total_),
                               .complete = whole};
        const CommittedEvent event{
            .json = eventJson(draft, {.elapsed_seconds = static_cast<std::int64_t>(seconds),
                                      .timestamp = utcText(wallMs())})};
        show_({&event, 1});
    }

 private:
    const ShowEvents& show_;
    const std::uint64_t total_;
    const Clock::time_point begun_ = Clock::now();
    Clock::time_point drawn_at_{};
    std::uint64_t drawn_ = UINT64_MAX;
};

}  // namespace

int submitCommand(const SubmitOptions& options, const Settings& settings) {
    const Input input(options.files);
    const UploadSource& source = input.source();
    const PluginCatalog plugins(settings.plugin_folders);
    const BatchScreen screen(plugins, options.json);
    const RemoteServer server = signedIn(options.server, settings.tls);
    const std::string batch_id =
        options.resume ? *options.resume : createBatch(server, options, input);
    std::cerr << "batch " << batch_id << "; continue an interrupted upload with: sheafline submit "
              << quoted(options.files) << "--server " << server.url() << " --resume " << batch_id
              << '\n';
    const ShowEvents show = screen.show();
    UploadBar bar(show, source.size_bytes);
    uploadTo(server, batch_id, source, [&](std::uint64_t sent) {
        if (!options.json) bar.draw(sent);
    });
    const BatchState state = followOnServer(server, batch_id, show, FollowTo::end_or_review);
    if (!options.json) showResults(server, batch_id);
    return exitStatus(state);
}

}  // namespace sheafline
