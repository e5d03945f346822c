package org.alborz.examples.lessons;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts what a lesson printed into its page, between two marks; the rest of the page is written by hand. */
public final class LessonPage {
    private static final String BEGIN = "<!-- output -->";
    private static final String END = "<!-- end of output -->";

    private LessonPage() {}

    /**
     * Replaces the output in a page.
     *
     * @throws IOException where the page cannot be read or written, or has no place for the output
     */
    public static void update(Path page, LessonResult result) throws IOException {
        Files.writeString(page, withOutput(Files.readString(page), page, result));
    }

    private static String withOutput(String text, Path page, LessonResult result) throws IOException {
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException(page + " has no place for the output: expected a line '" + BEGIN
                    + "' and, further down, a line '" + END + "'.");
        }
        StringBuilder output =
                new StringBuilder("\n\n```text\n").append(result.text()).append("```\n\n");
        for (Path picture : result.pictures()) {
            String file = picture.getFileName().toString();
            String title = file.substring(result.name().length() + 1, file.length() - ".png".length());
            output.append("![")
                    .append(title.replace('-', ' '))
                    .append("](pictures/")
                    .append(file)
                    .append(")\n\n");
        }
        return text.substring(0, begin + BEGIN.length()) + output + text.substring(end);
    }
}
