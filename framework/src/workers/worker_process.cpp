#include "workers/worker_process.h"

#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/plugin.h>
#include <sheafline/utf8.h>

#include "plugins/loaded_plugin.h"
#include "process/process.h"
#include "process/process_guard.h"
#include "process/process_state.h"
#include "process/sandbox.h"
#include "workers/processor_wire.h"
#include "workers/worker_frames.h"

namespace sheafline {

namespace {

constexpr std::uint64_t kMostWorkerFiles = 1'024;

void rejectTooLarge(const Reading& reading) {
    std::size_t bytes = reading.flags.size() + reading.evidence.size() + reading.reason.size();
    for (const std::string& value : reading.values) bytes += value.size();
    if (bytes > kMostReadingBytes)
        throw std::length_error("its reading has " + std::to_string(bytes) + " bytes, more than " +
                                std::to_string(kMostReadingBytes));
}

// Fault points count in files, which a sandbox would not let them write.
bool injectsFaults() {
    return std::getenv("SHEAFLINE_FAULT") != nullptr ||
           std::getenv("SHEAFLINE_FAULT_COUNT") != nullptr;
}

Reading readingOf(Processor& processor, const SheetTask& task) {
    if (!task.before) return processor.process(task);
    auto settled = processor.settled(task);
    return settled ? std::move(*settled) : processor.process(task);
}

void processOne(Processor& processor, const SheetTask& task) {
    faultPoint("worker.sheet");
    WireWriter out;
    try {
        const Reading raw = readingOf(processor, task);
        rejectTooLarge(raw);
        writeReading(out, raw);
        send(kPeerSocket, WorkerFrame::reading, out);
    } catch (const std::exception& error) {
        send(kPeerSocket, WorkerFrame::failure, WireWriter().text(cleanUtf8(error.what())));
    } catch (...) {
        send(kPeerSocket, WorkerFrame::failure,
             WireWriter().text("it threw an object that is not a std::exception"));
    }
}

}  // namespace

int workSheets() {
    guardThisProcess();
    limitOpenFiles(kMostWorkerFiles);
    forbidNewPrivileges();
    FrameReader frames(kPeerSocket);
    const auto hello = frames.next();
    if (!hello) return 0;
    std::unique_ptr<Processor> processor;
    try {
        WireReader in(hello->payload);
        const PluginDescriptor& plugin = loadedPlugin(in.text());
        const std::filesystem::path base = in.text();
        Params params(readParams(in), base);
        processor = plugin.make_processor(params);
        params.requireAllRead();
    } catch (const std::exception& error) {
        send(kPeerSocket, WorkerFrame::rejected, WireWriter().text(error.what()));
        return 0;
    }
    WireWriter ready;
    writeTexts(ready, processor->columns());
    send(kPeerSocket, WorkerFrame::ready, ready);
    const ProcessState before;
    while (const auto frame = frames.next()) {
        WireReader in(frame->payload);
        if (frame->type == static_cast<std::uint8_t>(WorkerFrame::confine)) {
            if (!injectsFaults()) enterSandbox(readTexts(in));
            continue;
        }
        processOne(*processor, readTask(in));
        before.restore();  // a sheet does not depend on the one before it
    }
    return 0;
}

}  // namespace sheafline
