package org.alborz.distributed;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.alborz.text.Given;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a process joins a group: rank 0 listens at the world's port until all have come, tells each where the others are, and every rank connects
 * with the one after it. All show that they know the token, and that they are started with the same settings.
 *
 * <pre>{@code
 * try (Collective ranks = TcpCollective.rendezvous(World.of(System.getenv())).settings(settings).join()) { … }
 * }</pre>
 *
 * <p>The token keeps strangers out; numbers travel as they are. Over a network that others can read or change, use {@link #tls}.
 */
public final class TcpRendezvous {
    private static final String LOOPBACK = "127.0.0.1";
    private static final Logger log = LoggerFactory.getLogger(TcpRendezvous.class);
    private static final long RETRY_MILLIS = 100;

    /** How often a handshake is tried. */
    private static final int HANDSHAKES = 3;

    private World world;
    private Duration joinTimeout = Duration.ofMinutes(5);
    private Duration callTimeout = Duration.ofMinutes(10);
    private String settings = "";
    private String host;

    /** Null unless {@link #bind} was called. */
    private ServerSocket meeting;

    private SocketFactory sockets = SocketFactory.getDefault();
    private ServerSocketFactory servers = ServerSocketFactory.getDefault();

    TcpRendezvous(World world) {
        this.world = Given.value(world, "A rendezvous", "a world");
    }

    /** Sets how long ranks wait for all to come; 5 minutes unless set. */
    public TcpRendezvous joinTimeout(Duration value) {
        Timeouts.millis(value);
        joinTimeout = value;
        return this;
    }

    /** Sets how long a rank waits for others within a call, such as for a slower one to come to it; 10 minutes unless set. */
    public TcpRendezvous callTimeout(Duration value) {
        Timeouts.millis(value);
        callTimeout = value;
        return this;
    }

    /** Sets what all ranks have to agree on, in words, such as model, data and backend; at most 2,000 characters. */
    public TcpRendezvous settings(String value) {
        if (Given.value(value, "A rendezvous", "settings").length() > 2000) {
            throw new IllegalArgumentException(
                    "A rendezvous expects settings of at most 2,000 characters, got " + value.length());
        }
        settings = value;
        return this;
    }

    /** Sets the host that other ranks reach this one at; the one that reaches rank 0 unless set. */
    public TcpRendezvous host(String value) {
        host = Given.value(value, "A rendezvous", "a host");
        return this;
    }

    /**
     * Takes the port that the ranks meet at before {@link #join}: the world's, or a free one where that is 0. So no other program takes a port that
     * was found free before the ranks know it. Call it after {@link #tls}; {@code join} or {@link #unbind} gives the port back.
     *
     * @return the port, which the other ranks have to be told
     * @throws IllegalStateException when this is another rank than 0, or it has a port
     */
    public int bind() throws IOException {
        if (world.rank() != 0 || meeting != null) {
            throw new IllegalStateException("bind expects rank 0 before it has a port, got rank " + world.rank()
                    + (meeting == null ? "" : " with port " + world.port()));
        }
        meeting = server(world.port());
        world = world.at(meeting.getLocalPort());
        return world.port();
    }

    /** Gives the port back that {@link #bind} took, where no rank is to join. */
    public void unbind() {
        if (meeting != null) {
            Sockets.close(meeting);
            meeting = null;
        }
    }

    /** Encrypts all connections by TLS; both sides have to show a certificate that the context trusts. */
    public TcpRendezvous tls(SSLContext context) {
        Given.value(context, "A rendezvous", "a TLS context");
        sockets = context.getSocketFactory();
        servers = context.getServerSocketFactory();
        return this;
    }

    /**
     * Encrypts all connections by TLS, with a key store that every rank has: a rank shows its key, and trusts those whose certificates the
     * file holds. One self-signed key for all ranks does.
     *
     * @param keyStore a PKCS #12 file
     * @param password of the file and of its key
     * @throws IllegalArgumentException when there is no such file, it cannot be read, or it has no key
     */
    public TcpRendezvous tls(Path keyStore, char... password) {
        return tls(KeyStores.context(
                Given.value(keyStore, "A rendezvous", "a key store"),
                Given.value(password, "A rendezvous", "a password")));
    }

    /**
     * Joins the group; returns when all ranks have come.
     *
     * @throws CollectiveException when they do not come in time, a rank comes twice, or settings differ
     */
    public Collective join() {
        if (world.port() == 0) {
            throw new IllegalStateException("A rendezvous expects the port of rank 0, got 0 in rank " + world.rank()
                    + "; call bind() in rank 0 and tell the others what it returns");
        }
        long deadline = System.nanoTime() + joinTimeout.toNanos();
        Handshake handshake = new Handshake(world.token());
        try (Acceptor own = new Acceptor(server(0), handshake)) {
            List<String> places = world.rank() == 0 ? lead(own, handshake, deadline) : follow(own, handshake, deadline);
            Link link = world.size() == 1 ? null : link(own, places, handshake, deadline);
            log.info("{} has joined the group: {}", world, places);
            return new TcpCollective(world, link, places);
        } catch (IOException e) {
            throw new CollectiveException("The group of " + world + " could not be formed: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CollectiveException("The group of " + world + " could not be formed: interrupted", e);
        } finally {
            unbind();
        }
    }

    private ServerSocket server(int port) throws IOException {
        ServerSocket server = servers.createServerSocket();
        server.setReuseAddress(true);
        boolean local = host == null && world.address().equals(LOOPBACK); // then no other machine can be a rank
        server.bind(local ? new InetSocketAddress(LOOPBACK, port) : new InetSocketAddress(port));
        if (server instanceof SSLServerSocket secure) {
            secure.setNeedClientAuth(true);
        }
        return server;
    }

    /** As rank 0: waits for all others, and tells them the places of all. */
    private List<String> lead(Acceptor own, Handshake handshake, long deadline)
            throws IOException, InterruptedException {
        String[] places = new String[world.size()];
        places[0] = place(host != null ? host : world.address(), own.port());
        List<Acceptor.Peer> peers = new ArrayList<>();
        ServerSocket place = meeting == null ? server(world.port()) : meeting;
        try (Acceptor acceptor = new Acceptor(place, handshake)) {
            while (peers.size() < world.size() - 1) {
                Acceptor.Peer peer = acceptor.next(left(deadline));
                if (peer == null) {
                    throw refused(
                            peers,
                            "after " + joinTimeout + " no rank has come that is " + missing(places)
                                    + "; look at their logs, and whether they reach " + world.address() + ":"
                                    + world.port());
                }
                peers.add(peer);
                String[] message = new String(peer.message(), StandardCharsets.UTF_8).split("\n", 3);
                String refusal = refusal(message, places);
                if (refusal != null) {
                    throw refused(peers, refusal);
                }
                places[Integer.parseInt(message[0])] = message[1];
            }
            for (Acceptor.Peer peer : peers) {
                tell(peer.socket(), "places\n" + String.join("\n", places));
            }
        } finally {
            peers.forEach(peer -> Sockets.close(peer.socket()));
        }
        return List.of(places);
    }

    private String refusal(String[] message, String[] places) {
        int rank = message.length == 3 && message[0].matches("[0-9]{1,9}") ? Integer.parseInt(message[0]) : -1;
        if (rank < 1 || rank >= world.size()) {
            return "a process came as rank " + rank + " of " + world.size();
        }
        if (places[rank] != null) {
            return "two processes came as rank " + rank + ", from " + places[rank] + " and " + message[1];
        }
        if (!message[2].equals(settings)) {
            return "rank " + rank + " has other settings than rank 0: '" + message[2] + "', not '" + settings + "'";
        }
        return null;
    }

    /** Tells those that have come why there is no group, and returns it. */
    private static IOException refused(List<Acceptor.Peer> peers, String reason) {
        IOException refused = new IOException(reason);
        for (Acceptor.Peer peer : peers) {
            try {
                tell(peer.socket(), "refused\n" + reason);
            } catch (IOException e) {
                refused.addSuppressed(e); // it has gone
            }
        }
        return refused;
    }

    private static String missing(String... places) {
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            if (places[i] == null) {
                missing.add(Integer.toString(i));
            }
        }
        return String.join(" or ", missing);
    }

    /** As another rank: tells rank 0 where this one is, and gets the places of all. */
    private List<String> follow(Acceptor own, Handshake handshake, long deadline)
            throws IOException, InterruptedException {
        try (Socket socket = introduce(world.address(), world.port(), handshake, deadline, connected -> {
            String mine =
                    place(host != null ? host : connected.getLocalAddress().getHostAddress(), own.port());
            return world.rank() + "\n" + mine + "\n" + settings;
        })) {
            socket.setSoTimeout((int) Math.max(1, left(deadline)));
            String[] answer = answer(socket).split("\n");
            if (!answer[0].equals("places") || answer.length != world.size() + 1) {
                throw new IOException(String.join(" ", Arrays.copyOfRange(answer, 1, answer.length)));
            }
            return List.of(answer).subList(1, answer.length);
        }
    }

    private String answer(Socket socket) throws IOException {
        try {
            return hear(socket);
        } catch (EOFException e) {
            throw new IOException("rank 0 has ended the meeting; its log says why", e);
        } catch (SocketTimeoutException e) {
            throw new IOException(
                    "rank 0 has not said within " + joinTimeout + " that all have come; its log says who is missing",
                    e);
        }
    }

    private Link link(Acceptor own, List<String> places, Handshake handshake, long deadline)
            throws IOException, InterruptedException {
        int next = (world.rank() + 1) % world.size();
        int colon = places.get(next).lastIndexOf(':');
        Socket after = introduce(
                places.get(next).substring(0, colon),
                Integer.parseInt(places.get(next).substring(colon + 1)),
                handshake,
                deadline,
                connected -> Integer.toString(world.rank()));
        try {
            int previous = (world.rank() + world.size() - 1) % world.size();
            while (true) {
                Acceptor.Peer peer = own.next(left(deadline));
                if (peer == null) {
                    throw new IOException("rank " + previous + " did not connect in time");
                }
                if (new String(peer.message(), StandardCharsets.UTF_8).equals(Integer.toString(previous))) {
                    return linked(peer.socket(), after);
                }
                Sockets.close(peer.socket());
            }
        } catch (IOException | InterruptedException e) {
            Sockets.close(after);
            throw e;
        }
    }

    private Link linked(Socket before, Socket after) throws IOException {
        try {
            return new Link(before, after, Timeouts.millis(callTimeout), TcpCollective.places(world.size()));
        } catch (IOException e) {
            Sockets.close(before);
            throw e;
        }
    }

    /**
     * Connects and shows the token, more than once where that fails: on a machine with much other work the other side may have ended a handshake that took long.
     *
     * @param message of the handshake
     */
    private Socket introduce(
            String address, int port, Handshake handshake, long deadline, Function<Socket, String> message)
            throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            Socket socket = connect(address, port, deadline);
            try {
                handshake.connect(socket, message.apply(socket).getBytes(StandardCharsets.UTF_8));
                return socket;
            } catch (IOException e) {
                Sockets.close(socket);
                if (attempt == HANDSHAKES || left(deadline) <= RETRY_MILLIS) {
                    throw e;
                }
                log.warn("A handshake with {}:{} failed and is tried again: {}", address, port, e.getMessage());
                Thread.sleep(RETRY_MILLIS);
            }
        }
    }

    /** Connects; as the other side may not listen yet, again and again until the deadline. */
    private Socket connect(String address, int port, long deadline) throws IOException, InterruptedException {
        while (true) {
            Socket socket = sockets.createSocket();
            try {
                socket.connect(
                        new InetSocketAddress(InetAddress.getByName(address), port), (int) Math.max(1, left(deadline)));
                socket.setTcpNoDelay(true);
                socket.setSoTimeout((int) Math.max(1, left(deadline)));
                return socket;
            } catch (IOException e) {
                Sockets.close(socket);
                if (left(deadline) <= RETRY_MILLIS) {
                    throw new IOException(
                            address + ":" + port + " cannot be reached within " + joinTimeout + ": " + e.getMessage(),
                            e);
                }
                Thread.sleep(RETRY_MILLIS);
            }
        }
    }

    private static long left(long deadline) {
        return Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
    }

    private static String place(String host, int port) {
        return host + ":" + port;
    }

    private static void tell(Socket socket, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeInt(bytes.length);
        out.write(bytes);
        out.flush();
    }

    private static String hear(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        int length = in.readInt();
        if (length < 0 || length > Frame.MOST_BYTES) {
            throw new IOException("rank 0 answered with a message of " + length + " bytes");
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
