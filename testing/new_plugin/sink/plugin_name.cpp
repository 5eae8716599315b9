// The sink `plugin_name`: appends the JSON of each event to a file.
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <unistd.h>

#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/plugin.h>

namespace {

class PluginName : public sheafline::Sink {
 public:
    // Reads each param once and does nothing else.
    explicit PluginName(sheafline::Params& params)
        : file_(params.path("file", {.help = "file that receives the events", .required = true})) {}

    // May be called with the same events again after a failure: a reader of the file recognizes
    // them by their `seq`.
    void deliver(std::span<const sheafline::CommittedEvent> events) override {
        std::string lines;
        for (const sheafline::CommittedEvent& event : events) lines += event.json + "\n";
        const sheafline::FileDescriptor file =
            sheafline::openFile(file_, O_WRONLY | O_CREAT | O_APPEND);
        const ssize_t written = ::write(file.get(), lines.data(), lines.size());
        if (written != static_cast<ssize_t>(lines.size())) {
            // Transient: the program delivers these events again after a pause.
            throw sheafline::Error(sheafline::ErrorClass::transient, "PLUGIN_NAME_WRITE",
                                   "cannot write all of " + file_.string() + "; free some space");
        }
    }

 private:
    const std::filesystem::path file_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{.kind = sheafline::PluginKind::sink,
                                                   .name = "plugin_name",
                                                   .version = "1.0.0",
                                                   .summary = "appends each event to a file",
                                                   .durable = true,
                                                   .params = sheafline::paramsOf<PluginName>,
                                                   .make_sink = sheafline::makeSink<PluginName>};
