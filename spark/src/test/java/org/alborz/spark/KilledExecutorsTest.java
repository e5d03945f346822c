package org.alborz.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors that are killed while they train, on a cluster of processes; {@code -Dkills=10} for more than usual. */
@Tag("sweep")
class KilledExecutorsTest {
    @TempDir
    Path folder;

    @Test
    void killedRanksGoOnToTheSameBits() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx1g", "--add-modules", "jdk.incubator.vector"));
        command.add("--add-exports=java.base/sun.security.action=ALL-UNNAMED");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), KilledTraining.class.getName()));
        command.addAll(List.of(folder.toString(), System.getProperty("kills", "2")));
        Process driver = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String printed = new String(driver.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(driver.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(driver.exitValue()).as(printed).isZero();
        assertThat(printed).contains(System.getProperty("kills", "2") + " kills, same bits", "0 processes left");
    }
}
