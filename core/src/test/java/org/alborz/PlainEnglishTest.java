package org.alborz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Comments, messages and documents are plain technical English: words that the field does not use stay out of them. */
@Tag("sources")
final class PlainEnglishTest {
    private static final Path PROJECT = Path.of("..");
    private static final Set<String> OTHER_FOLDERS = Set.of("target", ".git", ".mvn", ".idea");

    /** What is not written, and what is written in its place. */
    private static final Map<Pattern, String> WORDS = Map.ofEntries(
            word("workplaces?", "workspace, worker pool or launch context"),
            word("lies|lie", "is, is at, is stored"),
            word("wants?", "needs, takes, expects"),
            word("anew", "again"),
            word("mends?|mended|mending", "fix"),
            word("bears?|borne", "tolerate"),
            word("as ever", "as before, eagerly"),
            word("go(?:es)? on with", "continue with"),
            word("for ever", "endlessly"),
            word("spoils?|spoilt|spoiled", "invalidate, corrupt"),
            word("left to do", "what remains, named"),
            word("at hand", "in use, available"),
            word("in vain", "without effect"),
            word("made of software", "emulated"),
            word("bets?", "speculation"),
            word("bystanders?", "other processes"),
            word("lets? go", "release"),
            word("got over|gets over", "handle"),
            word("leaves? word", "report"),
            word("of ours", "our own, Alborz's"));

    /** Strings, characters and comments of Java and C++; of these the strings and the comments are read. */
    private static final Pattern CODE = Pattern.compile(
            "\"\"\"[^\\\\\"]*+(?:(?:\\\\.|\"(?!\"\"))[^\\\\\"]*+)*+\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*+\"|'(?:\\\\.|[^'\\\\\\n])*+'|//[^\\n]*+|/\\*.*?\\*/",
            Pattern.DOTALL);

    private static final Pattern QUOTED = Pattern.compile("```.*?```|`[^`\\n]*`", Pattern.DOTALL);

    private static Map.Entry<Pattern, String> word(String pattern, String instead) {
        return Map.entry(Pattern.compile("\\b(?:" + pattern + ")\\b", Pattern.CASE_INSENSITIVE), instead);
    }

    @Test
    void sourcesAndDocumentsArePlain() throws IOException {
        List<String> found = new ArrayList<>();
        List<Path> files = files();
        for (Path file : files) {
            found.addAll(violations(file.toString(), Files.readString(file)));
        }
        assertThat(files).hasSizeGreaterThan(500);
        assertThat(found).as("words to replace").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "int a; // the buffer lies in memory",
                "/** What it wants. */ int a;",
                "fail(\"install it anew\");",
                "/* a\n * workplace */"
            })
    void wordsInCommentsAndStringsAreFound(String code) {
        assertThat(violations("A.java", code)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"boolean lies = sink.wants(1);", "char c = '\"'; lies(); char d = '\"';", "// belief, bearing"})
    void codeIsNotRead(String code) {
        assertThat(violations("A.java", code)).isEmpty();
    }

    @Test
    void documentsAreReadWithoutTheirCode() {
        assertThat(violations("a.md", "It asks `sink.wants(i)`.\n```\nlies\n```\n"))
                .isEmpty();
        assertThat(violations("a.md", "No GPU was at hand."))
                .containsExactly("a.md:1: 'at hand'; write: in use, available");
    }

    private static List<String> violations(String name, String text) {
        String prose = name.endsWith(".md")
                ? blank(text, QUOTED, false)
                : name.matches(".*\\.(java|cuh?|cpp|h)") ? blank(text, CODE, true) : text;
        List<String> found = new ArrayList<>();
        WORDS.forEach((pattern, instead) -> {
            Matcher matcher = pattern.matcher(prose);
            while (matcher.find()) {
                long line = prose.substring(0, matcher.start()).lines().count();
                found.add("%s:%d: '%s'; write: %s".formatted(name, Math.max(1, line), matcher.group(), instead));
            }
        });
        return found;
    }

    /** Returns the text with blanks in place of what matches, or of what does not. */
    private static String blank(String text, Pattern pattern, boolean others) {
        StringBuilder kept = new StringBuilder();
        Matcher matcher = pattern.matcher(text);
        int end = 0;
        while (matcher.find()) {
            String between = text.substring(end, matcher.start());
            kept.append(others ? blanks(between) : between).append(others ? matcher.group() : blanks(matcher.group()));
            end = matcher.end();
        }
        String rest = text.substring(end);
        return kept.append(others ? blanks(rest) : rest).toString();
    }

    private static String blanks(String text) {
        return text.replaceAll("[^\\n]", " ");
    }

    private static List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(PROJECT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return OTHER_FOLDERS.contains(folder.getFileName().toString())
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = file.getFileName().toString();
                if (name.matches(".*\\.(java|md|cuh?|cpp|h|README)|alborz|build|gpu-bundle|gpu-check")
                        && !name.equals("PlainEnglishTest.java")) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }
}
