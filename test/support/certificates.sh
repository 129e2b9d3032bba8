#!/bin/sh
# Makes a chain of certificates with openssl, in the folder that is given: a root (ca.pem), under it an
# authority of its own (which is sent along in what the others present), and under that one certificate
# each for two servers (localhost.pem, other.pem for other.example) and a client (client.pem), with
# their keys beside them. stranger.pem is a client's that no authority has signed.
set -eu
cd "$1"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

# sign NAME ISSUER EXTENSION...
sign() {
  name=$1 issuer=$2
  shift 2
  key "$name"
  openssl req -new -key "$name.key" -subj "/CN=$name" -out "$name.csr"
  printf '%s\n' "$@" >"$name.ext"
  openssl x509 -req -in "$name.csr" -CA "$issuer.crt" -CAkey "$issuer.key" -CAcreateserial \
    -days 2 -extfile "$name.ext" -out "$name.crt" 2>/dev/null
}

key ca
openssl req -x509 -new -key ca.key -subj '/CN=ca' -days 2 -out ca.crt
sign authority ca 'basicConstraints=critical,CA:TRUE' 'keyUsage=keyCertSign'
sign localhost authority 'subjectAltName=DNS:localhost,IP:127.0.0.1'
sign other authority 'subjectAltName=DNS:other.example'
sign client authority 'extendedKeyUsage=clientAuth'
key stranger
openssl req -x509 -new -key stranger.key -subj '/CN=stranger' -days 2 -out stranger.pem
for name in localhost other client; do cat "$name.crt" authority.crt >"$name.pem"; done
mv ca.crt ca.pem
