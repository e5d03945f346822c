package org.alborz.monitor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A report as a web page in one file, which loads nothing; the page that shows a running training is the same and asks for new figures. */
public final class ReportPage {
    /** Where the page that is served asks for new figures. */
    static final String LIVE_DATA = "data.json";

    private static final String BEGIN = "<script id=\"data\" type=\"application/json\">";
    private static final String END = "</script>";

    private ReportPage() {}

    /** Returns the page of a report, to write into a file. */
    public static String of(Report report) {
        return page("", json(report));
    }

    /** Returns the page that asks the server it is from for new figures. */
    static String live(String json) {
        return page(LIVE_DATA, json);
    }

    /** Returns the figures as JSON that can stand in a page: it holds no {@code <}, with which a tag would begin. */
    public static String json(Report report) {
        try {
            return JsonMapper.builder().build().writeValueAsString(report).replace("<", "\\u003c");
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("The report has no JSON form", e);
        }
    }

    /** Returns the JSON in a page that {@link #of} made, or nothing where it is another file. */
    public static Optional<String> jsonOf(String page) {
        int begin = page.indexOf(BEGIN);
        int end = begin < 0 ? -1 : page.indexOf(END, begin);
        return end < 0 ? Optional.empty() : Optional.of(page.substring(begin + BEGIN.length(), end));
    }

    private static String page(String live, String json) {
        try (InputStream in = ReportPage.class.getResourceAsStream("report.html")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("@LIVE@", live)
                    .replace("@DATA@", json);
        } catch (IOException e) {
            throw new UncheckedIOException("The template of the report is missing", e);
        }
    }
}
