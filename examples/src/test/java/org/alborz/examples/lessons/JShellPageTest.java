package org.alborz.examples.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.execution.DirectExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page on JShell, typed into JShell line by line. */
class JShellPageTest {
    private static final Path PAGE = Path.of("../docs/lessons/jshell-and-jbang.md");

    @TempDir
    Path classes;

    @Tag("sweep")
    @Test
    void everyLineWorksAndTheNumbersAreTheLessons() throws IOException {
        try (JShell shell =
                JShell.builder().executionEngine(new InThisThread(), Map.of()).build()) {
            shell.addToClasspath(System.getProperty("java.class.path"));
            List<SnippetEvent> events = new ArrayList<>();
            StringBuilder typed = new StringBuilder();
            for (String line : blocks("jshell").lines().toList()) {
                CompletionInfo info = shell.sourceCodeAnalysis().analyzeCompletion(typed.append(line) + "\n");
                typed.append('\n');
                if (info.completeness().isComplete()) {
                    events.addAll(shell.eval(info.source()));
                    typed = new StringBuilder(info.remaining());
                    SnippetEvent last = events.get(events.size() - 1);
                    assertThat(last.status())
                            .as(
                                    "%s: %s",
                                    line,
                                    shell.diagnostics(last.snippet())
                                            .map(d -> d.getMessage(null))
                                            .toList())
                            .isEqualTo(Snippet.Status.VALID);
                    assertThat(last.exception()).as(line).isNull();
                }
            }
            assertThat(typed.toString()).isBlank();
            assertThat(events).hasSizeGreaterThan(40);
            assertThat(values(events)).contains("3", "5.266666412353516");
            assertThat(values(events)).anyMatch(value -> value.contains("-96.80, 437.90,  60.75"));
        }
    }

    private static List<String> values(List<SnippetEvent> events) {
        return events.stream()
                .map(SnippetEvent::value)
                .filter(value -> value != null)
                .toList();
    }

    @Test
    void theScriptIsAProgram() throws Exception {
        Path script =
                Files.writeString(classes.resolve("Scores.java"), blocks("java").substring(1));
        int rc = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-proc:none", "-d", classes.toString(), script.toString());
        assertThat(rc).isZero();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            loader.loadClass("Scores").getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        }
    }

    /** Returns the page's code of a kind. */
    private static String blocks(String kind) throws IOException {
        StringBuilder code = new StringBuilder();
        Pattern.compile("^```" + kind + "\\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE)
                .matcher(Files.readString(PAGE))
                .results()
                .forEach(block -> code.append('\n').append(block.group(1)));
        return code.toString();
    }

    /** Runs snippets in the thread of the test, since a session is used by the thread that opened it. */
    private static final class InThisThread implements ExecutionControlProvider {
        @Override
        public String name() {
            return "this thread";
        }

        @Override
        public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
            return new DirectExecutionControl();
        }
    }
}
