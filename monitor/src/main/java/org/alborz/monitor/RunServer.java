package org.alborz.monitor;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.alborz.text.Given;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the page of a report on this machine only, with figures that are asked for whenever the page polls.
 *
 * <p>It listens on the loopback address and answers requests whose {@code Host} is that address or {@code localhost}, so that no web page of
 * elsewhere can read it under a name of its own (DNS rebinding). It answers {@code GET} and {@code HEAD}, and reads no files itself.
 */
public final class RunServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RunServer.class);
    private static final String HTML = "text/html; charset=utf-8";
    private static final String JSON = "application/json; charset=utf-8";
    private static final String TEXT = "text/plain; charset=utf-8";

    private final HttpServer server;
    private final ExecutorService threads;
    private final Supplier<String> figures;

    private RunServer(HttpServer server, Supplier<String> figures) {
        this.server = server;
        this.figures = figures;
        this.threads = Executors.newFixedThreadPool(2, task -> {
            Thread thread = new Thread(task, "alborz-watch");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Starts to serve.
     *
     * @param port from 1 to 65535, or 0 for any free one
     * @param figures returns a report as {@link ReportPage#json}; called by several threads
     * @throws UncheckedIOException when the port is taken
     */
    public static RunServer start(int port, Supplier<String> figures) {
        Given.value(figures, "RunServer", "figures");
        try {
            HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            RunServer server = new RunServer(http, figures);
            http.createContext("/", server::answer);
            http.setExecutor(server.threads);
            http.start();
            return server;
        } catch (BindException e) {
            throw new UncheckedIOException(
                    "Port " + port + " cannot be listened on (" + e.getMessage()
                            + "); choose another, or 0 for a free one",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException("The server could not be started: " + e.getMessage(), e);
        }
    }

    /** Returns the address to open in a browser. */
    public URI address() {
        return URI.create("http://localhost:" + server.getAddress().getPort() + "/");
    }

    private void answer(HttpExchange exchange) {
        try (exchange) {
            if (!isOwn(exchange.getRequestHeaders().getFirst("Host"))) {
                send(exchange, 421, TEXT, "This server answers on localhost only.\n");
            } else if (!Set.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                send(exchange, 405, TEXT, "There is nothing to change here.\n");
            } else {
                switch (exchange.getRequestURI().getPath()) {
                    case "/" -> send(exchange, 200, HTML, ReportPage.live(figures.get()));
                    case "/" + ReportPage.LIVE_DATA -> send(exchange, 200, JSON, figures.get());
                    default -> send(exchange, 404, TEXT, "There is no such page; open /\n");
                }
            }
        } catch (IOException e) {
            log.debug("A browser did not wait for its answer", e);
        }
    }

    private boolean isOwn(String host) {
        String name = String.valueOf(host).toLowerCase(Locale.ROOT);
        int port = server.getAddress().getPort();
        return Set.of("localhost:" + port, "127.0.0.1:" + port, "[::1]:" + port).contains(name)
                || port == 80 && Set.of("localhost", "127.0.0.1", "[::1]").contains(name);
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type);
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : bytes.length);
        if (!head) {
            exchange.getResponseBody().write(bytes);
        }
    }

    /** Stops to listen; what is being answered is cut off. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
