package org.alborz.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RunServerTest {
    private final AtomicInteger asked = new AtomicInteger();

    @Test
    void servesThePageAndNewFigures() throws IOException {
        try (RunServer server = start()) {
            String page = get(server, "GET / HTTP/1.1", "localhost:" + port(server));
            assertThat(page)
                    .startsWith("HTTP/1.1 200")
                    .contains("text/html", "data-live=\"data.json\"", "{\"n\":1}", "default-src 'none'");
            assertThat(get(server, "GET /data.json HTTP/1.1", "127.0.0.1:" + port(server)))
                    .contains("application/json", "no-store", "{\"n\":2}");
            assertThat(get(server, "HEAD / HTTP/1.1", "localhost:" + port(server)))
                    .startsWith("HTTP/1.1 200")
                    .doesNotContain("<html");
            assertThat(server.address()).hasToString("http://localhost:" + port(server) + "/");
        }
    }

    @Test
    void refusesOtherNamesOfThisMachine() throws IOException {
        try (RunServer server = start()) {
            for (String host :
                    new String[] {"evil.example:" + port(server), "localhost", "localhost:1", "localhost.evil.example"
                    }) {
                assertThat(get(server, "GET /data.json HTTP/1.1", host))
                        .as(host)
                        .startsWith("HTTP/1.1 421");
            }
            assertThat(asked).hasValue(0);
        }
    }

    @Test
    void hasNoOtherPagesAndChangesNothing() throws IOException {
        try (RunServer server = start()) {
            String own = "localhost:" + port(server);
            assertThat(get(server, "GET /../pom.xml HTTP/1.1", own)).startsWith("HTTP/1.1 404");
            assertThat(get(server, "POST /data.json HTTP/1.1", own)).startsWith("HTTP/1.1 405");
        }
    }

    @Test
    void listensOnTheLoopbackAddressOnly() throws IOException {
        try (RunServer server = start()) {
            for (InetAddress address :
                    InetAddress.getAllByName(InetAddress.getLocalHost().getHostName())) {
                if (!address.isLoopbackAddress()) {
                    assertThatThrownBy(() -> new Socket(address, port(server)).close())
                            .isInstanceOf(IOException.class);
                }
            }
        }
    }

    @Test
    void aTakenPortIsNamed() {
        try (RunServer server = start()) {
            assertThatThrownBy(() -> RunServer.start(port(server), () -> "{}"))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContainingAll("Port " + port(server), "choose another");
        }
    }

    @Test
    void endsAtOnce() {
        RunServer server = start();
        int port = port(server);
        server.close();
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(IOException.class);
    }

    private RunServer start() {
        return RunServer.start(0, () -> "{\"n\":" + asked.incrementAndGet() + "}");
    }

    private static int port(RunServer server) {
        return server.address().getPort();
    }

    /** Asks by hand, since Java's client does not send another host's name. */
    private static String get(RunServer server, String request, String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(server))) {
            String text = request + "\r\nHost: " + host + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
