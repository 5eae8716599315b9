// The cost of a sheet from the ZIP to the CSV, through `sheafline run` with all its processes,
// compared with plain decoding of the same files in the same run. It counts CPU seconds: load on
// the machine raises both alike, and the result is a ratio.
//
//     run_batch [--sheets 1000] [--dpi 150] [--profile typical] [--seed 7001] [--workers 1]
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <Poco/StreamCopier.h>
#include <Poco/Zip/ZipArchive.h>
#include <Poco/Zip/ZipStream.h>

#include <sheafline/file_descriptor.h>
#include <sheafline/sheets/read_image.h>
#include <sheafline/sheets/write_samples.h>
#include <sheafline/spawn.h>

#include "cpu_seconds.h"
#include "sample_options.h"

namespace {

namespace fs = std::filesystem;
using namespace sheafline::bench;
using namespace sheafline::sheets;
using sheafline::FileDescriptor;
using sheafline::openFile;
using sheafline::spawn;
using sheafline::SpawnSpec;

const std::string kPipeline = SHEAFLINE_SOURCE_DIR "/pipelines/omr-batch.yaml";

// Every page once, one after the other.
double decodeAll(const fs::path& archive) {
    std::ifstream in(archive, std::ios::binary);
    const Poco::Zip::ZipArchive zip(in);
    double seconds = 0;
    for (auto header = zip.headerBegin(); header != zip.headerEnd(); ++header) {
        Poco::Zip::ZipInputStream content(in, header->second);
        std::string bytes;
        Poco::StreamCopier::copyToString(content, bytes);
        const std::vector<std::uint8_t> file(bytes.begin(), bytes.end());
        const double start = cpuSeconds();
        static_cast<void>(readImage(file));
        seconds += cpuSeconds() - start;
    }
    return seconds;
}

struct Cost {
    double cpu_seconds = 0;
    double seconds = 0;
    double peak_mib = 0;  // of the largest process
    bool completed = false;
};

Cost runBatch(const fs::path& folder, const std::string& workers) {
    const std::string program = fs::read_symlink("/proc/self/exe").parent_path() / "sheafline";
    const std::string log = folder / "events.jsonl";
    std::vector<std::string> words{program,
                                   "run",
                                   kPipeline,
                                   "--input",
                                   folder / "s.zip",
                                   "--set",
                                   "workers=" + workers,
                                   "--batch-id",
                                   "bench",
                                   "--data-dir",
                                   folder / "data",
                                   "--json"};
    const FileDescriptor output = openFile(log, O_WRONLY | O_CREAT, 0600);
    const double start = secondsOn(CLOCK_MONOTONIC);
    const int child = spawn(SpawnSpec{.arguments = words, .output = output.get()});
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    return {.cpu_seconds = secondsOf(usage),
            .seconds = secondsOn(CLOCK_MONOTONIC) - start,
            .peak_mib = static_cast<double>(usage.ru_maxrss) / 1024,
            .completed = WIFEXITED(status) && WEXITSTATUS(status) == 0};
}

}  // namespace

int main(int argc, char** argv) {
    SampleOptions options{.sheets = 1000, .seed = 7001};
    std::string workers = "1";
    CLI::App app("A batch from ZIP to CSV, next to the bare decoding of its pages");
    addSampleOptions(app, options);
    app.add_option("--workers", workers);
    CLI11_PARSE(app, argc, argv);

    const fs::path folder =
        fs::temp_directory_path() / ("sheafline_run_batch_" + std::to_string(::getpid()));
    fs::create_directories(folder);
    options.out = folder / "s.zip";
    writeSamples(options);
    // Before and after, because other programs may also use the machine.
    const double before = decodeAll(options.out);
    const Cost cost = runBatch(folder, workers);
    const double bare = (before + decodeAll(options.out)) / 2;
    fs::remove_all(folder);
    if (!cost.completed) {
        std::fprintf(stderr, "the batch did not complete\n");
        return 1;
    }
    const double each = 1e3 / options.sheets;
    std::printf("%d sheets at %d dpi, %s worker(s)\n", options.sheets, options.dpi,
                workers.c_str());
    std::printf("%-34s %8.2f ms CPU a sheet\n", "decoding of the pages alone", bare * each);
    std::printf("%-34s %8.2f ms CPU a sheet, %.0f sheets a second and core\n",
                "ZIP to CSV and table", cost.cpu_seconds * each, options.sheets / cost.cpu_seconds);
    std::printf("%-34s %8.2f\n", "ratio", cost.cpu_seconds / bare);
    std::printf("%-34s %8.1f s, largest process %.0f MiB\n", "the batch took", cost.seconds,
                cost.peak_mib);
}
