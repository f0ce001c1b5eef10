#!/usr/bin/perl
# A client of opcua-session-manager, written from docs/protocol.md with nothing but Perl's own modules.
#   opcua-client.pl SOCKET '{"command":"ping"}' ...    one JSON request for each argument
#   opcua-client.pl SOCKET                             one on each line of the input (clients/conformance/README.md)
use strict; use warnings;
use IO::Socket::UNIX; use JSON::PP;

my ($path, @arguments) = @ARGV;
die "usage: $0 SOCKET [REQUEST ...]\n" unless defined $path;
my $json = JSON::PP->new->utf8->allow_bignum;    # integers keep all digits; -0.0 becomes 0, 3.0 3, 5e-324 very long
my ($last_id, $buffer, $socket) = (0, '');
utf8::decode(my $token = $ENV{OPCUA_AUTH_TOKEN} // '');
($SIG{PIPE}, $|) = ('IGNORE', 1);                # a lost connection is an error of print

sub send_request {                               # gives it an id, which keeps the connection open
    my %request = (%{$_[0]}, id => ++$last_id);
    $request{authToken} = $token if length $token;
    $socket //= IO::Socket::UNIX->new(Peer => $path) or die "no daemon at $path: $!\n";
    print {$socket} $json->encode(\%request), "\n" and $socket->flush or die "connection lost\n";
    return $last_id;
}

sub next_frame {                                 # one line, in however many pieces it comes
    until ($buffer =~ /\n/) { sysread($socket, $buffer, 1 << 16, length $buffer) or die "connection lost\n" }
    my $frame = $json->decode(substr $buffer, 0, 1 + index($buffer, "\n"), '');
    return defined $frame->{id} ? $frame : die "$frame->{error}{type}: $frame->{error}{message}\n";
}

sub answers {                                    # to requests that are under way at the same time, in any order
    my (@ids, %answer) = map { send_request($_) } @_;
    while (grep { !$answer{$_} } @ids) {
        my $frame = next_frame();
        next if $frame->{event};
        $answer{delete $frame->{id}} = $frame;
    }
    return @answer{@ids};
}

sub stream {                                     # the first messages of a subscription, or its end
    my ($answer, $id, @events) = (answers($_[0]), $last_id);
    while ($answer->{success} and @events < $_[1]) {
        my $frame = next_frame();
        push @events, $frame->{event} if $frame->{id} eq $id and $frame->{event}{type} =~ /^(Notifications|End)$/;
        return $answer, @events if @events and $events[-1]{type} eq 'End';
    }
    answers({command => 'unsubscribe', target => $id}) if $answer->{success};
    return $answer, @events;
}

while (defined(my $line = @ARGV > 1 ? shift @arguments : <STDIN>)) {
    my $request = $json->decode($line);
    my @asked = ref $request eq 'ARRAY' ? @$request : $request;
    my $take = delete $asked[0]{take};
    my @out = eval { $take ? stream(@asked, $take) : answers(@asked) };
    if (my $error = $@) {                        # nothing is sent again: a write may have arrived
        ($socket, $buffer) = (undef, '');
        @out = ({success => JSON::PP::false, error => {type => 'connection_lost', message => $error =~ s/\n//r}}) x @asked;
    }
    print $json->encode($_), "\n" for ref $request eq 'ARRAY' ? \@out : @out;
}
