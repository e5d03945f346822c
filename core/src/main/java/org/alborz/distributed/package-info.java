/**
 * Several processes or threads that compute one training together: a {@link org.alborz.distributed.Collective} adds their numbers.
 * {@link org.alborz.distributed.LocalCollective} joins threads of a JVM, {@link org.alborz.distributed.TcpCollective} processes of one or more
 * machines.
 */
package org.alborz.distributed;
