package org.alborz.examples.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The course's index and glossary. */
class CourseIndexTest {
    private static final Path PAGES = Path.of("../docs/lessons");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| \\d+ \\| \\[([a-z0-9-]+)]\\(\\1\\.md\\) \\|");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)[^)]*\\)");
    private static final Pattern TERM = Pattern.compile("(?m)^\\| ([^|]+) \\| ([^|]+) \\|$");

    @Test
    void theIndexHasTheLessonsInTheOrderOfTheCourse() throws IOException {
        List<String> lessons = Course.lessons().stream().map(Lesson::name).toList();
        List<String> rows = all(ROW, "README.md").stream()
                .map(match -> match.group(1))
                .filter(lessons::contains)
                .toList();
        assertThat(rows).isEqualTo(lessons);
    }

    @Test
    void theGlossaryIsSortedAndEachTermHasAPersianOne() throws IOException {
        List<MatchResult> terms = all(TERM, "glossary.md").stream()
                .filter(match -> !match.group(1).equals("English"))
                .toList();
        assertThat(terms).hasSizeGreaterThanOrEqualTo(80);
        assertThat(terms)
                .extracting(match -> match.group(1).toLowerCase(Locale.ROOT))
                .doesNotHaveDuplicates()
                .isSortedAccordingTo(Comparator.naturalOrder());
        assertThat(terms)
                .allSatisfy(match -> assertThat(match.group(2))
                        .as(match.group(1))
                        .containsPattern("\\p{IsArabic}")
                        .doesNotContain("ي", "ك")); // the Arabic letters, which Persian writes otherwise
    }

    @Test
    void linksLeadToFiles() throws IOException {
        try (Stream<Path> pages = Files.list(PAGES)) {
            for (Path page :
                    pages.filter(file -> file.toString().endsWith(".md")).toList()) {
                assertThat(all(LINK, page.getFileName().toString()))
                        .as(page.toString())
                        .extracting(match -> match.group(1))
                        .filteredOn(target -> !target.contains(":"))
                        .allSatisfy(target -> assertThat(PAGES.resolve(target)).exists());
            }
        }
    }

    private static List<MatchResult> all(Pattern pattern, String page) throws IOException {
        String text = Files.readString(PAGES.resolve(page)).replaceAll("(?s)```.*?```", ""); // code is no link
        return pattern.matcher(text).results().toList();
    }
}
