import type { SameKeys } from "../catalogue";
import type { checks as model } from "../en/checks";

export const checks: SameKeys<typeof model> = {
  "check.sms.smpp.password": "SMSC nie przyjmuje system ID lub hasła.",
  "check.telegram.token": "Telegram nie zna bota z tym tokenem. Skopiuj go jeszcze raz z @BotFather.",
  "check.viber.auth_token":
    "Viber nie zna bota z tym tokenem. Skopiuj go jeszcze raz z Edit info w Admin Panel.",
  "check.messenger.page_token":
    "Facebook nie przyjmuje tego tokenu. Wygeneruj nowy w aplikacji, w dziale Messenger.",
  "check.messenger.app_secret":
    "To nie jest klucz aplikacji, która wydała token. Skopiuj go: App settings, Basic.",
  "check.sms.auth_token":
    "Twilio nie przyjmuje tego tokenu z tym Account SID. Skopiuj jeszcze raz jedno i drugie.",
  "check.unreachable": "{kind}: serwer nie może się połączyć. Sprawdź jego sieć i ten adres.",
  "check.no-clear-answer": "{kind} nie odpowiada, jak powinien. Spróbuj za minutę.",
  "check.certificate-untrusted":
    "Certyfikatu serwera nie podpisał urząd, któremu ten serwer ufa. Poproś operatora o certyfikat urzędu i wklej go tutaj.",
  "check.certificate-wrong-name":
    "Certyfikat serwera jest wystawiony na inną nazwę. Sprawdź adres albo zapytaj operatora, jakiej nazwy użyć.",
  "check.certificate-expired":
    "Certyfikat serwera nie jest dziś ważny. Powiadom operatora i sprawdź zegar tego serwera.",
  "check.no-tls": "Nie udało się nawiązać połączenia TLS. Czy to port dla TLS?",
  "channels.works-so-far": "To, co można sprawdzić bez wysyłania SMS, jest w porządku.",
  "channels.unchecked": "Niesprawdzone:",
  "channels.preview": "Jak wiadomość będzie wyglądać u dostawcy",
  "channels.test": "Wyślij próbny SMS",
  "channels.test-number": "Do (numer telefonu)",
  "channels.test-explained":
    "Z powyższymi ustawieniami wyjdzie jeden SMS; może kosztować. Tutaj nic z niego nie zostaje.",
  "channels.test-send": "Wyślij próbny SMS",
  "channels.test-sent": "Dostawca przyjął SMS. Zobacz, czy dojdzie.",
  "channels.test-failed": "SMS nie wyszedł:",
  "check.sms.http.secret": "Bramka nie przyjmuje loginu i hasła.",
  "check.gateway-status": "Bramka zapytana pod tym adresem odpowiedziała {said}.",
  "check.gateway-status-unlike": "Tego nie ma w odpowiedzi bramki.",
  "check.gateway-not-asked":
    "Czy login i hasło są dobre: brak adresu do sprawdzania (Więcej ustawień), pod którym można by zapytać.",
  "check.gateway-not-sent": "Czy przyjmie wiadomość i jak odpowie: pokaże to tylko SMS. Wyślij próbny.",
  "check.gateway-not-called": "Czy operator woła adres webhooka: pokaże to tylko wiadomość z telefonu.",
  "check.webhook-missing": "{kind} nie przynosi tu jeszcze wiadomości. Zarejestruj webhook.",
  "check.secret-missing": "Webhook wymaga sekretu: bez niego każde wywołanie Telegrama jest odrzucane.",
};
