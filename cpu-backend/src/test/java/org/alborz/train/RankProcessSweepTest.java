package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.alborz.distributed.Collective;
import org.alborz.distributed.TcpCollective;
import org.alborz.distributed.TcpRendezvous;
import org.alborz.distributed.World;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ranks that are processes have the losses and weights of one process that accumulates, bit for bit. */
@Tag("sweep")
@Timeout(600)
class RankProcessSweepTest {
    private static final String PORT = "port ";
    private static final String RESULT = "result ";

    /** A rank; its arguments are the net, its number, how many there are, and the port of rank 0, which prints the one it has taken. */
    static final class Rank {
        public static void main(String[] args) throws IOException {
            World world = new World(
                    Integer.parseInt(args[1]),
                    Integer.parseInt(args[2]),
                    "127.0.0.1",
                    Integer.parseInt(args[3]),
                    "0123456789abcdef");
            TcpRendezvous rendezvous = TcpCollective.rendezvous(world).callTimeout(Duration.ofMinutes(2));
            if (world.rank() == 0) {
                System.out.println(PORT + rendezvous.bind());
            }
            try (Collective collective = rendezvous.join()) {
                System.out.println(
                        RESULT + digest(DataParallelTest.train(args[0], 1, builder -> builder.collective(collective))));
            }
        }
    }

    private static String digest(DataParallelTest.Run run) {
        return run.steps() + " " + run.epochs() + " " + Arrays.hashCode(run.weights());
    }

    private static Process start(String net, int rank, int size, int port) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Rank.class.getName(),
                net));
        for (int number : new int[] {rank, size, port}) {
            command.add(Integer.toString(number));
        }
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String line(BufferedReader printed, String start) throws IOException {
        List<String> others = new ArrayList<>();
        for (String line = printed.readLine(); line != null; line = printed.readLine()) {
            if (line.startsWith(start)) {
                return line.substring(start.length());
            }
            others.add(line);
        }
        throw new AssertionError(others.stream().collect(Collectors.joining("\n")));
    }

    @ParameterizedTest
    @CsvSource({"cifar-cnn, 2", "lstm, 3", "mlp, 4"})
    void processesAreOneProcessThatAccumulates(String net, int ranks) throws IOException {
        List<Process> processes = new ArrayList<>();
        try {
            processes.add(start(net, 0, ranks, 0));
            BufferedReader first = processes.get(0).inputReader();
            int port = Integer.parseInt(line(first, PORT));
            for (int rank = 1; rank < ranks; rank++) {
                processes.add(start(net, rank, ranks, port));
            }
            String alone = digest(DataParallelTest.train(net, 1, builder -> builder.gradientAccumulation(ranks)));
            assertThat(line(first, RESULT)).isEqualTo(alone);
            for (Process other : processes.subList(1, ranks)) {
                assertThat(line(other.inputReader(), RESULT)).isEqualTo(alone);
            }
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
    }
}
