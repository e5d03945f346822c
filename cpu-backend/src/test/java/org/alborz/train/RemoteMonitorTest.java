package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class RemoteMonitorTest {
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final CountDownLatch silence = new CountDownLatch(1);
    private HttpServer server;
    private URI address;
    private volatile int status = 200;
    private volatile boolean silent;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (silent) {
                try {
                    silence.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            received.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type") + " "
                    + exchange.getRequestHeaders().getFirst("Authorization") + " " + body);
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
        address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/publish/epoch/end/");
    }

    @AfterEach
    void end() {
        silence.countDown();
        server.stop(0);
    }

    private static void train(RemoteMonitor monitor, int epochs) {
        try (Session session = Session.open("cpu-vector");
                Trainer trainer = TrainingRuns.trainer(session, new Adam(1e-2), monitor)) {
            trainer.fit(TrainingRuns.loader(16, 16), TrainingRuns.loader(16, 16), epochs);
            trainer.model().close();
        }
    }

    @Test
    void figuresArriveInOrder() {
        RemoteMonitor monitor = new RemoteMonitor(address).header("Authorization", "Bearer x");
        train(monitor, 2);
        assertThat(received).hasSize(2);
        for (int i = 0; i < 2; i++) {
            assertThat(received.get(i))
                    .matches("POST /publish/epoch/end/ application/json Bearer x \\{\"epoch\":" + (i + 1) + ",\"step\":"
                            + (i + 1) + ",\"learning_rate\":[\\d.E-]+,\"loss\":[\\d.]+,\"accuracy\":[\\d.]+,"
                            + "\"val_loss\":[\\d.]+,\"val_accuracy\":[\\d.]+,\"seconds\":[\\d.E-]+}");
        }
        assertThat(monitor.dropped()).isZero();
        assertThat(monitor.failed()).isZero();
        assertThat(JsonSender.json(Map.of("a\"b", Double.NaN))).isEqualTo("{\"a\\\"b\":null}");
    }

    /** The training is over long before the server answers, and each message is accounted for. */
    @Test
    void aSilentServerHoldsNothingUp() {
        silent = true;
        RemoteMonitor monitor = new RemoteMonitor(address).closeTimeout(Duration.ofMillis(100));
        long start = System.nanoTime();
        train(monitor, 3);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
        assertThat(monitor.dropped()).isEqualTo(3);
        assertThat(received).isEmpty();
    }

    @Test
    void anEndWithoutABoundWaitsForWhatIsLeft() {
        train(new RemoteMonitor(address).closeTimeout(ChronoUnit.FOREVER.getDuration()), 2);
        assertThat(received).hasSize(2);
    }

    @Test
    void moreThanWaitsIsDropped() {
        silent = true;
        JsonSender sender = new JsonSender(address, Map.of(), 4);
        for (int i = 0; i < 20; i++) {
            sender.offer(Map.of("i", i));
        }
        assertThat(sender.dropped())
                .as("but for those that wait and the one being sent")
                .isBetween(15L, 16L);
        silent = false;
        silence.countDown();
        sender.close(Duration.ofSeconds(10));
        assertThat(received).hasSize((int) (20 - sender.dropped()));
        assertThat(received.get(0)).endsWith("{\"i\":0}");
    }

    @Test
    void refusalsAreCounted() throws IOException {
        status = 500;
        RemoteMonitor monitor = new RemoteMonitor(address);
        train(monitor, 2);
        assertThat(monitor.failed()).isEqualTo(2);
        int free = server.getAddress().getPort();
        server.stop(0);
        RemoteMonitor nobody = new RemoteMonitor(URI.create("http://127.0.0.1:" + free));
        train(nobody, 1);
        assertThat(nobody.failed()).isEqualTo(1);
    }

    @Test
    void addressesAndHeadersOfNoUseAreRefused() {
        for (String wrong : List.of("localhost:9000", "ftp://host/", "/path", "http:///x")) {
            assertThatThrownBy(() -> new RemoteMonitor(URI.create(wrong))).hasMessageContaining("got " + wrong);
        }
        RemoteMonitor monitor = new RemoteMonitor(address);
        assertThatThrownBy(() -> monitor.header("Host", "x")).hasMessageContaining("cannot send such a header");
        assertThatThrownBy(() -> monitor.header("a b", "x")).hasMessageContaining("cannot send such a header");
        assertThatThrownBy(() -> monitor.closeTimeout(Duration.ofSeconds(-1))).hasMessageContaining("at least 0");
    }
}
