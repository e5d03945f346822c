package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the environment says of a group of processes. */
class RankGroupTest {
    /** As schedulers set it for a single process, with or without the place where ranks meet. */
    @Test
    void theOnlyProcessTrainsAlone() {
        for (Map<String, String> more :
                List.of(Map.<String, String>of(), Map.of("MASTER_ADDR", "host", "MASTER_PORT", "1"))) {
            Map<String, String> environment = new HashMap<>(Map.of("RANK", "0", "WORLD_SIZE", "1"));
            environment.putAll(more);
            try (RankGroup group = RankGroup.of(environment)) {
                assertThat(group.isFirst()).isTrue();
                group.join();
                assertThat(group.collective()).isNull();
                assertThat(group.command()).isEqualTo("./alborz train");
            }
        }
    }

    /** Rank 0 takes a free port before it names it, so that no other program can have it. */
    @Test
    void ranksMeetAtAPortThatRankZeroHasTaken(@TempDir Path folder) throws Exception {
        Path meeting = Files.createDirectory(folder.resolve("launch"));
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<Integer>> sizes = new ArrayList<>();
            for (int rank = 1; rank >= 0; rank--) {
                Map<String, String> environment =
                        new HashMap<>(Map.of("RANK", Integer.toString(rank), "WORLD_SIZE", "2"));
                environment.putAll(Map.of("MASTER_ADDR", "127.0.0.1", "MASTER_PORT", "0"));
                environment.put(RankGroup.TOKEN, "0123456789abcdef");
                environment.put(RankGroup.MEETING, meeting.resolve("port").toString());
                environment.put(RankGroup.LAUNCHER, "1");
                sizes.add(threads.submit(() -> {
                    try (RankGroup group = RankGroup.of(environment)) {
                        group.join();
                        group.collective().barrier();
                        return group.collective().size();
                    }
                }));
            }
            for (Future<Integer> size : sizes) {
                assertThat(size.get(60, TimeUnit.SECONDS)).isEqualTo(2);
            }
            assertThat(meeting).as("of no use any more").doesNotExist();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aPortThatNobodyNamesIsRefused() {
        Map<String, String> environment = new HashMap<>(Map.of("RANK", "0", "WORLD_SIZE", "2", "MASTER_ADDR", "host"));
        environment.putAll(Map.of("MASTER_PORT", "0", RankGroup.TOKEN, "0123456789abcdef"));
        assertThatThrownBy(() -> RankGroup.of(environment))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("MASTER_PORT expects a port from 1, got 0");
    }

    @Test
    void aKeyStoreThatCannotBeUsedIsNamedBeforeRanksMeet() {
        Map<String, String> environment = new HashMap<>(Map.of("RANK", "1", "WORLD_SIZE", "2", "MASTER_ADDR", "host"));
        environment.putAll(
                Map.of("MASTER_PORT", "1", RankGroup.TOKEN, "0123456789abcdef", RankGroup.KEY_STORE, "none.p12"));
        try (RankGroup group = RankGroup.of(environment)) {
            assertThatThrownBy(group::join)
                    .isInstanceOfSatisfying(
                            CommandFailure.class,
                            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCodes.USAGE))
                    .hasMessageContaining(
                            "ALBORZ_KEYSTORE and ALBORZ_KEYSTORE_PASSWORD name a key store for TLS. There is no key store none.p12");
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "0, 2", "1, 2", "x, 1"})
    void aGroupNeedsAPlaceToMeet(String rank, String size) {
        assertThatThrownBy(() -> RankGroup.of(Map.of("RANK", rank, "WORLD_SIZE", size)))
                .isInstanceOfSatisfying(
                        CommandFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCodes.USAGE))
                .hasMessageContaining("./alborz launch sets all of them");
    }
}
