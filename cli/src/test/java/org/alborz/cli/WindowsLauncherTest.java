package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Reads {@code alborz.cmd}, which only Windows could run as a whole: that it is made as cmd needs it, and does what the script for other systems does. It was
 * run under Wine 8.0, from a folder with a blank in its name, with a Java that printed its arguments: it built, made the files of options, the archive and the class
 * path, and passed arguments and exit codes on. Wine's cmd cannot redirect the handles of a block, and its findstr finds nothing, so the lock and the
 * version of Java were checked by a second reading. It shows no clock while it builds.
 */
class WindowsLauncherTest {
    private static final Pattern CALL = Pattern.compile("(?:call :|goto )(\\w+)");
    private static final Pattern LABEL = Pattern.compile("^:(\\w+)", Pattern.MULTILINE);

    private String windows;
    private String others;

    @BeforeEach
    void read() throws IOException {
        assumeThat(Path.of("../alborz.cmd")).exists();
        windows = Files.readString(Path.of("../alborz.cmd"));
        others = Files.readString(Path.of("../alborz"));
    }

    /** Cmd looks for labels by blocks of the file, and misses some where lines end with a line feed alone. */
    @Test
    void linesEndAsCmdNeedsThem() {
        assertThat(windows.replace("\r\n", "")).doesNotContain("\n", "\r", "\t");
        assertThat(windows.lines()).allMatch(line -> line.length() < 8_000);
        assertThat(windows.chars()).allMatch(c -> c < 128);
    }

    @Test
    void everyLabelIsThere() {
        List<String> labels = new ArrayList<>();
        Matcher label = LABEL.matcher(windows.replace("\r\n", "\n"));
        while (label.find()) {
            labels.add(label.group(1));
        }
        assertThat(labels).doesNotHaveDuplicates().contains("build", "prepare_archive"); // which are called by :locked
        Matcher call = CALL.matcher(windows);
        while (call.find()) {
            assertThat(labels).contains(call.group(1));
        }
    }

    /** It would be made again at each start. */
    @Test
    void noArchiveIsMadeWhereNothingCanBeWritten() {
        assertThat(windows.replace("\r", ""))
                .containsPattern(":unlocked\n(rem .*\n)*if not \"%~1\"==\"prepare_archive\" call :%~1\n");
        assertThat(others).contains("[ -w \"$target\" ]; then\n    take_lock");
    }

    @Test
    void bothLaunchersDoTheSame() {
        for (String part : List.of(
                "-q -B -ntp -Dmaven.test.skip=true",
                "-pl cli",
                "-am package",
                "org.alborz.cli.Alborz",
                "alborz-cli.jar",
                "alborz.stamp",
                "train --limit 16 --batch-size 8 --epochs 1 --out",
                "-XX:ArchiveClassesAtExit=",
                "-XX:SharedArchiveFile=",
                "-Xlog:cds*=off",
                "aot*=off",
                "IgnoreUnrecognizedVMOptions",
                "UseTransparentHugePages",
                "ALBORZ_JAVA_OPTS",
                "kernels",
                "expected 17 or newer",
                "preparing the first start",
                "--peers needs PyTorch")) {
            assertThat(windows).contains(part);
            assertThat(others).contains(part);
        }
        assertThat(windows).contains("exit /b 69");
        assertThat(others).contains("exit 69");
    }
}
