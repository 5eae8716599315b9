// How many codes of a sample batch are read, and the cost of a page, compared with ZXingReader,
// zbarimg and plain decoding of the pages. CPU time of one core, on the same files in one run.
//
//     read_codes [--sheets 150] [--dpi 100] [--profile hard] [--seed 1]
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/Zip/Decompress.h>

#include <sheafline/sheets/find_code.h>
#include <sheafline/sheets/write_samples.h>

#include "cpu_seconds.h"
#include "sample_options.h"

namespace {

namespace fs = std::filesystem;
using namespace sheafline::sheets;
using sheafline::bench::addSampleOptions;
using sheafline::bench::childCpuSeconds;
using sheafline::bench::cpuSeconds;

using Texts = std::map<std::string, std::string>;  // by file name

Texts truthOf(const fs::path& file) {
    std::ifstream in(file);
    Poco::JSON::Parser parser;
    const auto root = parser.parse(in).extract<Poco::JSON::Object::Ptr>();
    Texts texts;
    for (const auto& [name, value] : *root) {
        texts[name] = root->getObject(name)->getValue<std::string>("qr");
    }
    return texts;
}

std::string outputOf(const std::string& command) {
    std::string output;
    std::FILE* pipe = popen(command.c_str(), "r");
    std::array<char, 4096> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        output.append(buffer.data(), count);
    }
    pclose(pipe);
    return output;
}

Texts found(const std::string& output, const std::regex& pattern) {
    Texts texts;
    for (std::sregex_iterator match(output.begin(), output.end(), pattern), end; match != end;
         ++match) {
        texts[(*match)[1]] = (*match)[2];
    }
    return texts;
}

void print(const char* reader, const Texts& truth, const Texts& read, double seconds) {
    int right = 0;
    int wrong = 0;
    for (const auto& [file, text] : read) ++(truth.at(file) == text ? right : wrong);
    std::printf("%-30s %6d %6d %6zu %9.2f\n", reader, right, wrong, truth.size() - read.size(),
                1e3 * seconds / static_cast<double>(truth.size()));
}

void paintOverCode(GreyImage& page) {
    const PixelBox box =
        pixelsOf({.x = 0.74, .y = 0.04, .width = 0.25, .height = 0.16}, page.width, page.height);
    for (int y = box.y; y < box.y + box.height; ++y) {
        std::ranges::fill(page.row(y).subspan(static_cast<std::size_t>(box.x),
                                              static_cast<std::size_t>(box.width)),
                          page.at(box.x, y));
    }
}

// Paper, and the noise of a scanner.
void empty(GreyImage& page) {
    std::mt19937 random(1);
    std::normal_distribution<float> level(238, 3);
    for (std::uint8_t& pixel : page.pixels)
        pixel = static_cast<std::uint8_t>(std::clamp(level(random), 0.F, 255.F));
}

// Pages without a code: every code that is found is false.
void measureWithoutCode(const char* name, const std::vector<std::vector<std::uint8_t>>& files,
                        const CodeSearch& search, void (*clear)(GreyImage&)) {
    int false_hits = 0;
    double seconds = 0;
    for (const auto& file : files) {
        GreyImage page = readImage(file);
        clear(page);
        const double start = cpuSeconds();
        if (findCode(page, search).code) ++false_hits;
        seconds += cpuSeconds() - start;
    }
    std::printf("%-30s %6s %6d %6zu %9.2f\n", name, "", false_hits,
                files.size() - static_cast<std::size_t>(false_hits),
                1e3 * seconds / static_cast<double>(files.size()));
}

void measure(const fs::path& folder, const Texts& truth) {
    std::printf("%-30s %6s %6s %6s %9s\n", "reader", "right", "wrong", "none", "ms a page");
    std::vector<std::vector<std::uint8_t>> files;
    for (const auto& [name, text] : truth) files.push_back(readBytes(folder / name));

    double start = cpuSeconds();
    for (const auto& file : files) static_cast<void>(readImage(file));
    const double bare = cpuSeconds() - start;
    std::printf("%-30s %6s %6s %6s %9.2f\n", "decoding of the page alone", "", "", "",
                1e3 * bare / static_cast<double>(truth.size()));

    start = cpuSeconds();
    CodeSearch search;
    std::vector<FoundCode> learned;
    for (std::size_t i = 0; i < std::min<std::size_t>(64, files.size()); ++i) {
        const auto result = findCode(files[i], search);
        if (result.code) learned.push_back(*result.code);
    }
    search.region = learnRegion(learned);
    const double learning = cpuSeconds() - start;

    Texts read;
    std::map<std::string_view, int> steps;
    start = cpuSeconds();
    std::size_t i = 0;
    for (const auto& [name, text] : truth) {
        const auto result = findCode(files[i++], search);
        if (!result.code) continue;
        read[name] = result.code->text;
        ++steps[result.code->step];
    }
    print("sheafline", truth, read, cpuSeconds() - start);
    // From memory, as in a stage that has already decoded the page.
    double on_page = 0;
    for (const auto& file : files) {
        const auto page = readImage(file);
        start = cpuSeconds();
        static_cast<void>(findCode(page, search));
        on_page += cpuSeconds() - start;
    }
    print("sheafline, page decoded", truth, read, on_page);
    Texts anywhere;
    start = cpuSeconds();
    i = 0;
    for (const auto& [name, text] : truth) {
        const auto result = findCode(files[i++], CodeSearch{});
        if (result.code) anywhere[name] = result.code->text;
    }
    print("sheafline, no region known", truth, anywhere, cpuSeconds() - start);
    measureWithoutCode("sheafline, codes painted over", files, search, paintOverCode);
    measureWithoutCode("the same, no region known", files, {}, paintOverCode);
    measureWithoutCode("sheafline, empty pages", files, search, empty);

    start = childCpuSeconds();
    const std::string zxing =
        outputOf("cd '" + folder.string() + "' && ZXingReader -format QRCode -1 *.jpg");
    print("ZXingReader", truth, found(zxing, std::regex("(\\S+) QRCode \"([^\"]*)\"")),
          childCpuSeconds() - start);
    start = childCpuSeconds();
    const std::string zbar =
        outputOf("cd '" + folder.string() +
                 "' && zbarimg -q --nodbus --xml -Sdisable -Sqrcode.enable *.jpg");
    print("zbarimg", truth,
          found(zbar, std::regex("<source href='([^']*)'>\\s*<index[^>]*>\\s*<symbol[^>]*>"
                                 "<data><!\\[CDATA\\[([^\\]]*)\\]")),
          childCpuSeconds() - start);

    std::printf("\nlearning the region from 64 pages: %.0f ms\n", 1e3 * learning);
    for (const auto& [step, count] : steps) {
        std::printf("%6d by step: %.*s\n", count, static_cast<int>(step.size()), step.data());
    }
}

}  // namespace

int main(int argc, char** argv) {
    SampleOptions options{.sheets = 150, .profile = SampleProfile::hard, .dpi = 100};
    CLI::App app("Codes of a sample batch, read by several readers");
    addSampleOptions(app, options);
    CLI11_PARSE(app, argc, argv);

    const fs::path folder =
        fs::temp_directory_path() / ("sheafline_read_codes_" + std::to_string(::getpid()));
    fs::create_directories(folder);
    options.out = folder / "sample.zip";
    options.truth = folder / "truth.json";
    writeSamples(options);
    {
        std::ifstream in(options.out, std::ios::binary);
        Poco::Zip::Decompress(in, Poco::Path(folder.string())).decompressAllFiles();
    }
    measure(folder, truthOf(options.truth));
    fs::remove_all(folder);
}
