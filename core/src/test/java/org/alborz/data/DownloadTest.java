package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a server on this machine, which breaks connections and gives what it should not. */
@Timeout(300)
class DownloadTest {
    private static final int SIZE = 300_000;

    @TempDir
    Path folder;

    private final byte[] content = content();
    private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
    private HttpServer server;

    private static byte[] content() {
        byte[] content = new byte[SIZE];
        for (int i = 0; i < SIZE; i++) {
            content[i] = (byte) (i * 31 + i / 7);
        }
        return content;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/good/", exchange -> send(exchange, content, SIZE, true));
        server.createContext("/rangeless/", exchange -> send(exchange, content, SIZE, false));
        server.createContext("/broken/", exchange -> send(exchange, content, 100_000, true));
        server.createContext("/dead/", exchange -> send(exchange, content, 0, true));
        server.createContext("/other/", exchange -> send(exchange, new byte[SIZE], SIZE, true));
        server.createContext("/longer/", exchange -> send(exchange, Arrays.copyOf(content, SIZE + 9), SIZE + 9, true));
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** Sends at most some bytes of what it has announced, from where it was asked to. */
    private void send(HttpExchange exchange, byte[] body, int most, boolean hasRanges) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        ranges.add(String.valueOf(range));
        int from = range == null || !hasRanges ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (body.length - 1) + "/" + body.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, body.length - from);
        try {
            OutputStream out = exchange.getResponseBody();
            out.write(body, from, Math.min(most, body.length - from));
            out.flush();
        } catch (IOException e) {
            // the client has seen enough
        }
        exchange.close();
    }

    private Download.Remote remote(String... paths) throws Exception {
        List<URI> sources = Arrays.stream(paths)
                .map(path ->
                        URI.create("http://localhost:" + server.getAddress().getPort() + path + "data.bin"))
                .toList();
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        return new Download.Remote("data.bin", SIZE, sha256, sources);
    }

    private Path part() {
        return folder.resolve("data.bin.part");
    }

    @Test
    void fetchesOnce() throws Exception {
        Path inner = folder.resolve("new/inner");
        assertThat(Download.file(remote("/good/"), inner)).hasBinaryContent(content);
        assertThat(Download.file(remote("/good/"), inner)).hasBinaryContent(content);
        assertThat(ranges).containsExactly("null");
        assertThat(inner.resolve("data.bin.part")).doesNotExist();
    }

    @Test
    void continuesABrokenConnection() throws Exception {
        assertThat(Download.file(remote("/broken/"), folder)).hasBinaryContent(content);
        assertThat(ranges).containsExactly("null", "bytes=100000-", "bytes=200000-");
    }

    @Test
    void continuesWhatAnEarlierCallLeft() throws Exception {
        Files.write(part(), Arrays.copyOf(content, 12_345));
        assertThat(Download.file(remote("/good/"), folder)).hasBinaryContent(content);
        assertThat(ranges).containsExactly("bytes=12345-");
        Files.delete(folder.resolve("data.bin"));
        Files.write(part(), content); // killed before it was renamed
        assertThat(Download.file(remote("/good/"), folder)).hasBinaryContent(content);
        assertThat(ranges).hasSize(1);
    }

    @Test
    void beginsAgainWhereAServerHasNoRanges() throws Exception {
        Files.write(part(), new byte[777]);
        assertThat(Download.file(remote("/rangeless/"), folder)).hasBinaryContent(content);
        assertThat(ranges).containsExactly("bytes=777-");
    }

    @Test
    void beginsAgainWhereAnEarlierCallLeftSomethingElse() throws Exception {
        Files.write(part(), new byte[777]);
        assertThat(Download.file(remote("/good/"), folder)).hasBinaryContent(content);
        assertThat(ranges).containsExactly("bytes=777-", "null");
        Files.delete(folder.resolve("data.bin"));
        Files.write(part(), new byte[SIZE]);
        assertThat(Download.file(remote("/good/"), folder)).hasBinaryContent(content);
        assertThat(ranges).hasSize(3);
    }

    @Test
    void asksTheNextSource() throws Exception {
        assertThat(Download.file(remote("/nothing/", "/dead/", "/other/", "/longer/", "/good/"), folder))
                .hasBinaryContent(content);
    }

    @Test
    void saysWhatIsWrongAndKeepsWhatCame() throws Exception {
        assertThatThrownBy(() -> Download.file(remote("/nothing/"), folder))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(
                        "data.bin could not be downloaded", "status 404", "Check the network", "copy it to");
        assertThatThrownBy(() -> Download.file(remote("/other/"), folder))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("SHA-256", "and not " + remote().sha256(), "0 of its 300,000 bytes");
        Files.write(part(), Arrays.copyOf(content, 500));
        assertThatThrownBy(() -> Download.file(remote("/dead/"), folder))
                .hasMessageContaining("500 of its 300,000 bytes");
        assertThat(part()).hasSize(500);
        assertThatThrownBy(() -> Download.file(remote("/longer/"), folder))
                .hasMessageContaining("more came than the 300000 bytes");
        assertThat(folder.resolve("data.bin")).doesNotExist();
    }

    @Test
    void saysThatThereIsNoNetwork() {
        Download.Remote nowhere = new Download.Remote(
                "data.bin",
                SIZE,
                "",
                List.of(URI.create("http://localhost:1/data.bin"), URI.create("http://alborz.invalid/")));
        assertThatThrownBy(() -> Download.file(nowhere, folder))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(
                        "localhost:1", "ConnectException", "UnknownHostException", "get the file on another machine");
    }

    @Test
    void aFileOfOtherContentIsNotTakenForIt() throws Exception {
        Files.writeString(folder.resolve("data.bin"), "mine");
        assertThatThrownBy(() -> Download.file(remote("/good/"), folder))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("should have the SHA-256", "delete it");
        assertThat(folder.resolve("data.bin")).hasContent("mine");
    }

    @Test
    void twoDownloadsDoNotWriteOneFile() throws Exception {
        try (FileChannel channel = FileChannel.open(part(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            assertThat(lock.isValid()).isTrue();
            assertThatThrownBy(() -> Download.file(remote("/good/"), folder))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("is being written by another download");
        }
    }

    @Test
    void unpacksAnArchive() throws Exception {
        byte[] archive = tar(
                "set/", null, "set/a.bin", "aaa", "../evil", "no", "set/sub/a.bin", "no", "set/b.txt", "b".repeat(600));
        server.createContext("/set.tar.gz", exchange -> send(exchange, archive, archive.length, true));
        Download.Remote remote = new Download.Remote(
                "set.tar.gz",
                archive.length,
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(archive)),
                List.of(URI.create("http://localhost:" + server.getAddress().getPort() + "/set.tar.gz")));
        Download.Archive set = new Download.Archive(remote, "set", List.of("a.bin", "b.txt"));
        assertThat(set.download(folder)).isEqualTo(folder);
        assertThat(folder.resolve("set/a.bin")).hasContent("aaa");
        assertThat(folder.resolve("set/b.txt")).hasContent("b".repeat(600));
        assertThat(folder.resolve("set.tar.gz")).doesNotExist();
        assertThat(folder.resolve("set/sub")).doesNotExist();
        assertThat(folder.resolveSibling("evil")).doesNotExist();
        set.download(folder);
        set.download(folder.resolve("set"));
        assertThat(ranges).hasSize(1);
        assertThatThrownBy(() -> new Download.Archive(remote, "set", List.of("c.bin")).download(folder))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("should hold [c.bin] in its folder set");
        Path cut = Files.write(folder.resolve("cut.tar.gz"), Arrays.copyOf(archive, archive.length - 30));
        assertThatThrownBy(() -> TarFile.unpack(cut, "set", List.of("b.txt"), folder.resolve("x")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("ends early or is damaged");
    }

    /** Packs files, given as names and texts; one without a text is a folder. */
    private static byte[] tar(String... entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            for (int i = 0; i < entries.length; i += 2) {
                byte[] text = entries[i + 1] == null ? new byte[0] : entries[i + 1].getBytes(StandardCharsets.UTF_8);
                byte[] block = new byte[512 + (text.length + 511) / 512 * 512];
                put(block, 0, entries[i]);
                put(block, 124, String.format("%011o", text.length));
                put(block, 257, "ustar");
                block[156] = (byte) (entries[i + 1] == null ? '5' : '0');
                System.arraycopy(text, 0, block, 512, text.length);
                out.write(block);
            }
            out.write(new byte[1024]);
        }
        return bytes.toByteArray();
    }

    private static void put(byte[] block, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }
}
