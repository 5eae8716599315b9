#include "analysis_sheets.h"

#include <array>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/error.h>

namespace sheafline::exports {

namespace {

using Object = Poco::JSON::Object::Ptr;
using Array = Poco::JSON::Array::Ptr;

constexpr std::array<const char*, 10> kScoreFigures = {
    "sheets",         "mean",    "standard_deviation", "lowest",        "lower_quartile", "median",
    "upper_quartile", "highest", "reliability",        "standard_error"};
constexpr std::array<const char*, 9> kQuestionFigures = {
    "most_points", "mean",      "standard_deviation", "difficulty",         "right_share",
    "blank_share", "item_rest", "item_total",         "reliability_without"};
constexpr std::array<const char*, 5> kAnswerFigures = {"points", "count", "share", "mean_rest",
                                                       "discrimination"};

Object readAnalysis(const std::filesystem::path& file) {
    std::ifstream in(file);
    auto analysis = Poco::JSON::Parser().parse(in).extract<Object>();
    if (analysis->getValue<int>("format") != 1)
        throw Poco::DataFormatException("its format is not 1");
    return analysis;
}

// A figure that is not defined leaves its cell empty.
template <typename Names>
void numbers(Worksheet& sheet, int row, int column, const Object& figures, const Names& names) {
    for (const char* name : names) {
        if (!figures->isNull(name)) sheet.number(row, column, figures->getValue<double>(name));
        ++column;
    }
}

template <typename Names>
std::vector<SheetColumn> columnsOf(std::vector<SheetColumn> columns, const Names& names) {
    for (const char* name : names)
        columns.push_back({name, static_cast<double>(std::string(name).size()) + 2});
    return columns;
}

std::string remarksOf(const Object& object) {
    std::string text;
    const Array remarks = object->getArray("remarks");
    for (unsigned i = 0; i < remarks->size(); ++i)
        text += (i > 0 ? "; " : "") + remarks->getObject(i)->getValue<std::string>("message");
    return text;
}

void addExam(Workbook& book, const Object& analysis) {
    Worksheet& sheet =
        book.add("analysis", columnsOf({{"class", 24}, {"remarks", 40}}, kScoreFigures));
    sheet.text(1, 0, "all");
    sheet.text(1, 1, remarksOf(analysis));
    numbers(sheet, 1, 2, analysis->getObject("exam"), kScoreFigures);
    const Array classes = analysis->getArray("classes");
    for (unsigned i = 0; i < classes->size(); ++i) {
        const int row = static_cast<int>(i) + 2;
        sheet.text(row, 0, classes->getObject(i)->getValue<std::string>("name"));
        numbers(sheet, row, 2, classes->getObject(i), kScoreFigures);
    }
}

void addQuestions(Workbook& book, const Object& analysis) {
    auto columns = columnsOf({{"question", 14}}, kQuestionFigures);
    columns.push_back({"remarks", 60});
    Worksheet& sheet = book.add("questions", columns);
    const Array questions = analysis->getArray("questions");
    for (unsigned i = 0; i < questions->size(); ++i) {
        const int row = static_cast<int>(i) + 1;
        const Object question = questions->getObject(i);
        sheet.text(row, 0, question->getValue<std::string>("name"));
        numbers(sheet, row, 1, question, kQuestionFigures);
        sheet.text(row, static_cast<int>(columns.size()) - 1, remarksOf(question));
    }
}

void addAnswers(Workbook& book, const Object& analysis) {
    Worksheet& sheet = book.add(
        "answers", columnsOf({{"question", 14}, {"answer", 12}, {"kind", 10}}, kAnswerFigures));
    const Array questions = analysis->getArray("questions");
    int row = 0;
    for (unsigned i = 0; i < questions->size(); ++i) {
        const Array answers = questions->getObject(i)->getArray("answers");
        for (unsigned k = 0; k < answers->size(); ++k) {
            const Object answer = answers->getObject(k);
            sheet.text(++row, 0, questions->getObject(i)->getValue<std::string>("name"));
            sheet.text(row, 1, answer->getValue<std::string>("value"));
            sheet.text(row, 2, answer->getValue<std::string>("kind"));
            numbers(sheet, row, 3, answer, kAnswerFigures);
        }
    }
}

}  // namespace

void addAnalysis(Workbook& book, const std::filesystem::path& file) {
    try {
        const Object analysis = readAnalysis(file);
        addExam(book, analysis);
        addQuestions(book, analysis);
        addAnswers(book, analysis);
    } catch (const Poco::Exception& error) {
        throw Error(ErrorClass::permanent, "ANALYSIS_UNREADABLE",
                    "the artifact " + file.filename().string() + " is not an analysis (" +
                        error.displayText() + "); put the stage analyze before xlsx");
    }
}

}  // namespace sheafline::exports
