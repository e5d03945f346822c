package org.alborz.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs the command of the guide, with the classes of the tests in place of those that it would build. */
@Tag("sweep")
@Timeout(600)
class TrainLocallyTest {
    private static final Pattern RESULT = Pattern.compile("(\\d+) of 3000 points are classified correctly by 2 ranks");

    @Test
    void trainsOverALocalCluster() throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(Path.of("train-locally").toAbsolutePath().toString(), "2").redirectErrorStream(true);
        builder.environment().put("ALBORZ_CLASS_PATH", System.getProperty("java.class.path"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        Matcher result = RESULT.matcher(printed);
        assertThat(result.find()).as(printed).isTrue();
        assertThat(Integer.parseInt(result.group(1))).isGreaterThan(2700);
    }
}
