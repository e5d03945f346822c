package org.alborz.train;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.alborz.text.Quoted;

/** Sends objects of numbers as JSON, one after the other, by a thread of its own with a bounded queue. */
final class JsonSender {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final int INTERRUPTED_MILLIS = 200;
    private static final int OK = 200;
    private static final int NOT_OK = 300;

    /** What ends the thread. */
    private static final String END = "";

    private final URI target;
    private final Map<String, String> headers;
    private final BlockingQueue<String> waiting;
    private final Thread thread;
    private long offered;
    private long dropped;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private volatile String lastFailure;

    JsonSender(URI target, Map<String, String> headers, int most) {
        this.target = target;
        this.headers = headers;
        this.waiting = new LinkedBlockingQueue<>(most);
        this.thread = new Thread(this::sendAll, "alborz remote monitor");
        thread.setDaemon(true);
        thread.start();
    }

    /** Refuses headers that HTTP does not have or the client sets itself. */
    static void requireAllowed(URI target, Map<String, String> headers) {
        try {
            request(target, headers, "{}");
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("RemoteMonitor cannot send such a header: " + e.getMessage(), e);
        }
    }

    private static HttpRequest request(URI target, Map<String, String> headers, String json) {
        HttpRequest.Builder request = HttpRequest.newBuilder(target)
                .timeout(ANSWER)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json));
        headers.forEach(request::setHeader);
        return request.build();
    }

    /** Takes a message to send, or drops it where too many wait already; returns at once. */
    void offer(Map<String, ? extends Number> figures) {
        offered++;
        if (waiting.offer(json(figures))) {
            return;
        }
        dropped++;
    }

    static String json(Map<String, ? extends Number> figures) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            for (Map.Entry<String, ? extends Number> figure : figures.entrySet()) {
                json.writeFieldName(figure.getKey());
                if (figure.getValue() instanceof Double value && !Double.isFinite(value)) {
                    json.writeNull();
                } else {
                    json.writeNumber(figure.getValue().toString());
                }
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("Text in memory could not be written", e);
        }
        return text.toString();
    }

    private void sendAll() {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .build();
        try {
            for (String json = waiting.take(); !json.equals(END); json = waiting.take()) {
                send(client, json);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the training has ended
        }
    }

    private void send(HttpClient client, String json) throws InterruptedException {
        try {
            int status = client.send(request(target, headers, json), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
            if (status >= OK && status < NOT_OK) {
                sent.incrementAndGet();
            } else {
                fail("the answer " + status);
            }
        } catch (IOException e) {
            fail(Quoted.escape(e.toString(), 200));
        }
    }

    private void fail(String reason) {
        lastFailure = reason;
        failed.incrementAndGet();
    }

    /** Waits for what is left, at most so long, and ends the thread; what is still waiting or being sent then counts as dropped. */
    void close(Duration most) {
        long nanos = TimeUnit.NANOSECONDS.convert(most);
        long end = System.nanoTime() + nanos;
        try {
            if (waiting.offer(END) || nanos > 0 && waiting.offer(END, nanos, TimeUnit.NANOSECONDS)) {
                thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
            }
            thread.interrupt();
            thread.join(INTERRUPTED_MILLIS);
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
        dropped = offered - sent.get() - failed.get();
    }

    long offered() {
        return offered;
    }

    long dropped() {
        return dropped;
    }

    long failed() {
        return failed.get();
    }

    /** Returns what went wrong last, or null. */
    String lastFailure() {
        return lastFailure;
    }
}
