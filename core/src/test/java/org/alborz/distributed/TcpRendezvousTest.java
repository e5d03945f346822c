package org.alborz.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may join, and what strangers can do. */
@Timeout(300)
final class TcpRendezvousTest {
    private static final String PASSWORD = "not a secret";

    /** One that is to fail, and has a short time for it; those that are to join have {@link Ranks#rendezvous}. */
    private static TcpRendezvous rank(int rank, int size, int port, String token) {
        return TcpCollective.rendezvous(new World(rank, size, "127.0.0.1", port, token))
                .joinTimeout(Duration.ofSeconds(2));
    }

    /** A stranger that sends bytes, and reads what comes, or only connects. */
    private static Socket stranger(int port, byte[] bytes) throws IOException, InterruptedException {
        for (int i = 0; ; i++) {
            try {
                Socket socket = new Socket("127.0.0.1", port);
                socket.getOutputStream().write(bytes);
                return socket;
            } catch (IOException e) {
                if (i > 100) {
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }

    /** What meets at this machine's own address is not to be reached from others. */
    @Test
    void aGroupOfThisMachineListensToItAlone() throws Exception {
        TcpRendezvous first = Ranks.rendezvous(0, 2, 0);
        int port = first.bind();
        try {
            new Socket("127.0.0.1", port).close();
            for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                for (InetAddress address : Collections.list(each.getInetAddresses())) {
                    if (!address.isLoopbackAddress() && address instanceof Inet4Address) {
                        assertThatThrownBy(() -> new Socket(address, port)).isInstanceOf(IOException.class);
                    }
                }
            }
        } finally {
            first.unbind();
        }
    }

    /** Rank 0 holds the port before the others are told it, so that no other program can take it in between. */
    @Test
    void rankZeroTakesAFreePortBeforeTheOthersKnowIt() throws Exception {
        TcpRendezvous first = Ranks.rendezvous(0, 2, 0);
        int port = first.bind();
        assertThatThrownBy(() -> new ServerSocket(port)).isInstanceOf(IOException.class);
        assertThatThrownBy(first::bind)
                .hasMessage("bind expects rank 0 before it has a port, got rank 0 with port " + port);
        List<Float> sums = Ranks.each(2, rank -> {
            try (Collective collective = (rank == 0 ? first : Ranks.rendezvous(rank, 2, port)).join()) {
                float[] sum = {rank + 1};
                collective.allReduce(Reduction.SUM, sum, 0, 1);
                return sum[0];
            }
        });
        assertThat(sums).containsOnly(3f);
        new ServerSocket(port).close(); // it was given back

        assertThatThrownBy(Ranks.rendezvous(1, 2, 0)::bind).hasMessageEndingWith("got rank 1");
        assertThatThrownBy(Ranks.rendezvous(1, 2, 0)::join).hasMessageContaining("call bind() in rank 0");
        TcpRendezvous unused = Ranks.rendezvous(0, 2, 0);
        int free = unused.bind();
        unused.unbind();
        new ServerSocket(free).close();
        assertThat(unused.bind()).isEqualTo(free);
        unused.unbind();
    }

    @Test
    void strangersHarmNobody() throws Exception {
        TcpRendezvous first = Ranks.rendezvous(0, 3, 0);
        int port = first.bind();
        List<Socket> strangers = new ArrayList<>();
        List<Float> sums = Ranks.each(3, rank -> {
            if (rank == 2) { // the last to come, so that rank 0 is waiting meanwhile
                strangers.add(stranger(port, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
                strangers.add(stranger(port, new byte[0]));
                strangers.add(stranger(port, "ALBORZ01".getBytes(StandardCharsets.US_ASCII)));
                byte[] nonsense = new byte[100_000];
                System.arraycopy("ALBORZ01".getBytes(StandardCharsets.US_ASCII), 0, nonsense, 0, 8);
                strangers.add(stranger(port, nonsense));
                Socket large = stranger(port, "ALBORZ01".getBytes(StandardCharsets.US_ASCII));
                DataOutputStream out = new DataOutputStream(large.getOutputStream());
                out.write(new byte[16]);
                out.writeInt(Integer.MAX_VALUE);
                strangers.add(large);
                assertThatThrownBy(() ->
                                rank(2, 3, port, "a quite different secret").join())
                        .isInstanceOf(CollectiveException.class);
            }
            try (Collective collective = (rank == 0 ? first : Ranks.rendezvous(rank, 3, port)).join()) {
                float[] one = {1};
                collective.allReduce(Reduction.SUM, one, 0, 1);
                return one[0];
            }
        });
        assertThat(sums).containsOnly(3f);
        for (Socket socket : strangers) {
            socket.close();
        }
    }

    @Test
    void nobodyWaitsForAStrangerThatIsSlow() throws Exception {
        try (ServerSocket server = new ServerSocket(0);
                Acceptor acceptor = new Acceptor(server, new Handshake(Ranks.TOKEN), 600_000);
                Socket slow = new Socket("127.0.0.1", acceptor.port());
                Socket rank = new Socket("127.0.0.1", acceptor.port())) {
            slow.getOutputStream().write('A');
            rank.setSoTimeout(30_000);
            new Handshake(Ranks.TOKEN).connect(rank, new byte[] {7});
            assertThat(acceptor.next(30_000).message()).containsExactly(7);
        }
    }

    /** A byte now and then keeps a connection alive no longer than silence does. */
    @Test
    void aStrangerThatIsSlowIsDropped() throws Exception {
        try (ServerSocket server = new ServerSocket(0);
                Acceptor acceptor = new Acceptor(server, new Handshake(Ranks.TOKEN), 300);
                Socket slow = new Socket("127.0.0.1", acceptor.port())) {
            byte[] start = "ALBORZ01".getBytes(StandardCharsets.US_ASCII);
            assertThatThrownBy(() -> {
                        for (int i = 0; ; i++) {
                            slow.getOutputStream().write(start[i % start.length]);
                            Thread.sleep(20);
                        }
                    })
                    .isInstanceOf(IOException.class);
            assertThat(acceptor.next(1)).isNull();
        }
    }

    private static Path keyStore(String name) throws URISyntaxException {
        return Path.of(TcpRendezvousTest.class.getResource(name + ".p12").toURI());
    }

    /** Numbers of more than a piece pass TLS; those that have no key store, or another one, are strangers. */
    @Test
    void tlsKeepsOutThoseWithoutTheKeyStore() throws Exception {
        TcpRendezvous first = Ranks.rendezvous(0, 2, 0).tls(keyStore("group"), PASSWORD.toCharArray());
        int port = first.bind();
        List<Float> sums = Ranks.each(2, rank -> {
            if (rank == 1) {
                assertThatThrownBy(() -> rank(1, 2, port, Ranks.TOKEN).join()).isInstanceOf(CollectiveException.class);
                assertThatThrownBy(() -> rank(1, 2, port, Ranks.TOKEN)
                                .tls(keyStore("other"), PASSWORD.toCharArray())
                                .join())
                        .isInstanceOf(CollectiveException.class);
            }
            TcpRendezvous own =
                    rank == 0 ? first : Ranks.rendezvous(rank, 2, port).tls(keyStore("group"), PASSWORD.toCharArray());
            try (Collective collective = own.join()) {
                float[] values = new float[100_000];
                Arrays.fill(values, 1);
                collective.allReduce(Reduction.SUM, values, 0, values.length);
                return values[99_999];
            }
        });
        assertThat(sums).containsOnly(2f);
    }

    @Test
    void aKeyStoreThatCannotBeUsedIsNamed() {
        TcpRendezvous rendezvous = Ranks.rendezvous(0, 2, 1);
        assertThatThrownBy(() -> rendezvous.tls(Path.of("none.p12"), PASSWORD.toCharArray()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("There is no key store none.p12; keytool -genkeypair");
        assertThatThrownBy(() -> rendezvous.tls(keyStore("group"), "wrong".toCharArray()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be read as PKCS #12 by the password");
    }

    @Test
    void aServerThatDoesNotKnowTheTokenIsNotJoined() throws Exception {
        try (ServerSocket server = new ServerSocket(0);
                Acceptor acceptor = new Acceptor(server, new Handshake("a quite different secret"))) {
            assertThatThrownBy(() -> rank(1, 2, acceptor.port(), Ranks.TOKEN).join())
                    .isInstanceOf(CollectiveException.class)
                    .hasMessageContaining("rank 1 of 2");
        }
    }

    /** Such as one that the other side has ended since it took too long. */
    @Test
    void aHandshakeThatIsCutIsTriedAgain() throws Exception {
        try (ServerSocket server = new ServerSocket(0)) {
            List<String> messages = Ranks.each(2, rank -> {
                if (rank == 1) {
                    return message(Ranks.rendezvous(1, 2, server.getLocalPort()));
                }
                server.accept().close();
                try (Acceptor acceptor = new Acceptor(server, new Handshake(Ranks.TOKEN))) {
                    Acceptor.Peer peer = acceptor.next(20_000);
                    peer.socket().close();
                    return new String(peer.message(), StandardCharsets.UTF_8);
                }
            });
            assertThat(messages.get(0)).startsWith("1\n");
            assertThat(messages.get(1)).contains("rank 0 has ended the meeting");
        }
    }

    @Test
    void missingRanksAreNamed() throws IOException {
        TcpRendezvous first = rank(0, 3, 0, Ranks.TOKEN);
        first.bind();
        assertThatThrownBy(first::join)
                .isInstanceOf(CollectiveException.class)
                .hasMessageContaining("no rank has come that is 1 or 2");
    }

    @Test
    void anAddressWhereNobodyListensIsNamed() throws IOException {
        try (Socket held = new Socket()) { // has a port, so that no other program listens at it, and accepts nothing
            held.bind(new InetSocketAddress("127.0.0.1", 0));
            int port = held.getLocalPort();
            assertThatThrownBy(() -> rank(1, 3, port, Ranks.TOKEN).join())
                    .isInstanceOf(CollectiveException.class)
                    .hasMessageContaining("127.0.0.1:" + port + " cannot be reached");
        }
    }

    @Test
    void otherSettingsAndEqualRanksAreRefusedInWords() throws Exception {
        List<TcpRendezvous> ranks = Ranks.group(2);
        List<String> messages = Ranks.each(2, rank -> message(ranks.get(rank).settings("model " + rank)));
        assertThat(messages)
                .allSatisfy(message -> assertThat(message)
                        .contains("rank 1 has other settings than rank 0: 'model 1', not 'model 0'"));
        TcpRendezvous first = Ranks.rendezvous(0, 3, 0);
        int port = first.bind();
        List<String> twice = Ranks.each(3, rank -> message(rank == 0 ? first : Ranks.rendezvous(1, 3, port)));
        assertThat(twice.get(0)).contains("two processes came as rank 1");
    }

    @Test
    void settingsMayHaveTheirMostCharactersOfAnyAlphabet() throws Exception {
        List<TcpRendezvous> ranks = Ranks.group(2);
        String settings = "€".repeat(2000);
        assertThat(Ranks.each(2, rank -> message(ranks.get(rank).settings(settings))))
                .containsOnly("joined");
    }

    @Test
    void thoseThatHaveComeLearnWhoIsMissing() throws Exception {
        List<TcpRendezvous> ranks = Ranks.group(3);
        List<String> messages =
                Ranks.each(2, rank -> message(ranks.get(rank).joinTimeout(Duration.ofSeconds(rank == 0 ? 6 : 120))));
        assertThat(messages).allSatisfy(message -> assertThat(message).contains("no rank has come that is 2"));
    }

    @Test
    void aMeetingThatEndsIsSaidInWords() throws Exception {
        try (ServerSocket server = new ServerSocket(0);
                Acceptor acceptor = new Acceptor(server, new Handshake(Ranks.TOKEN))) {
            List<String> messages = Ranks.each(2, rank -> {
                if (rank == 0) {
                    acceptor.next(10_000).socket().close();
                    return "";
                }
                return message(Ranks.rendezvous(1, 2, acceptor.port()));
            });
            assertThat(messages.get(1)).contains("rank 0 has ended the meeting").contains("its log says why");
        }
    }

    @Test
    void aConnectionThatCannotBeAcceptedDoesNotEndTheMeeting() throws Exception {
        AtomicBoolean failed = new AtomicBoolean();
        try (ServerSocket server = new ServerSocket(0) {
                    @Override
                    public Socket accept() throws IOException {
                        if (!failed.getAndSet(true)) {
                            throw new SocketException("Too many open files");
                        }
                        return super.accept();
                    }
                };
                Acceptor acceptor = new Acceptor(server, new Handshake(Ranks.TOKEN));
                Socket socket = new Socket("127.0.0.1", acceptor.port())) {
            socket.setSoTimeout(10_000);
            new Handshake(Ranks.TOKEN).connect(socket, new byte[] {7});
            assertThat(acceptor.next(10_000).message()).containsExactly(7);
        }
    }

    @Test
    void aHandshakeThatOutlastsTheAcceptorEndsInAClosedConnection() throws Exception {
        try (ServerSocket server = new ServerSocket(0);
                Acceptor acceptor = new Acceptor(server, new Handshake(Ranks.TOKEN));
                Socket socket = new Socket() {
                    @Override
                    public InputStream getInputStream() throws IOException {
                        return new FilterInputStream(super.getInputStream()) {
                            @Override
                            public int read(byte[] bytes, int from, int count) throws IOException {
                                int read = super.read(bytes, from, count);
                                acceptor.close(); // in the midst of the handshake
                                return read;
                            }
                        };
                    }
                }) {
            socket.connect(new InetSocketAddress("127.0.0.1", acceptor.port()));
            socket.setSoTimeout(10_000);
            new Handshake(Ranks.TOKEN).connect(socket, new byte[0]);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    private static String message(TcpRendezvous rendezvous) {
        try (Collective collective = rendezvous.join()) {
            return "joined";
        } catch (CollectiveException e) {
            return e.getMessage();
        }
    }
}
