#include "sample_batch.h"

#include <fstream>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/StreamCopier.h>
#include <Poco/Zip/ZipArchive.h>
#include <Poco/Zip/ZipStream.h>

#include "temporary_folder.h"

namespace sheafline::sheets {

namespace {

std::map<std::string, std::string> textsOf(const Poco::JSON::Object& sheet, const char* key) {
    std::map<std::string, std::string> texts;
    const auto object = sheet.getObject(key);
    if (!object) return texts;
    for (const auto& [name, value] : *object) texts[name] = value.convert<std::string>();
    return texts;
}

SampleTruthOfSheet truthOf(const Poco::JSON::Object& sheet) {
    return {.qr = sheet.isNull("qr") ? "" : sheet.getValue<std::string>("qr"),
            .answers = textsOf(sheet, "answers"),
            .doubt = textsOf(sheet, "doubt"),
            .kinds = textsOf(sheet, "kinds"),
            .sample_case = sheet.optValue<std::string>("case", ""),
            .expect = sheet.getValue<std::string>("expect")};
}

}  // namespace

std::map<std::string, SampledSheet> makeSampleBatch(SampleOptions options) {
    const TemporaryFolder folder;
    options.out = folder / "s.zip";
    options.truth = folder / "s.json";
    writeSamples(options);
    std::ifstream truth_file(options.truth);
    Poco::JSON::Parser parser;
    const auto truth = parser.parse(truth_file).extract<Poco::JSON::Object::Ptr>();
    std::ifstream in(options.out, std::ios::binary);
    const Poco::Zip::ZipArchive zip(in);
    std::map<std::string, SampledSheet> sheets;
    for (auto header = zip.headerBegin(); header != zip.headerEnd(); ++header) {
        Poco::Zip::ZipInputStream content(in, header->second);
        std::string bytes;
        Poco::StreamCopier::copyToString(content, bytes);
        sheets[header->first] = {.bytes = {bytes.begin(), bytes.end()},
                                 .truth = truthOf(*truth->getObject(header->first))};
    }
    return sheets;
}

}  // namespace sheafline::sheets
